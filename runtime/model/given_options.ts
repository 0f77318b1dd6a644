import { isMade } from '../../generator/made.js';
import { GELU_FORMS, type GeluForm } from '../../generator/operations/operation.js';
import type { CpuDevice } from '../cpu.js';
import type { CudaDevice } from '../cuda/device.js';
import type { ModelOptions } from '../model.js';
import { DEVICE_PRODUCTS, type ProductType } from '../plan/product_type.js';
import { isCheckpoint } from '../weights/checkpoint.js';
import { ModelError } from './errors.js';

/** @throws ModelError if there are none: a program in JavaScript may leave them out */
export function requireWeights(options: Partial<ModelOptions> | undefined): void {
  const weights = options?.weights;
  if (typeof weights === 'string' || isCheckpoint(weights)) return;
  throw new ModelError({
    code: 'model-weights',
    value: weights,
    rule: 'a model has weights: the path of a file, or what loadWeights or initialWeights gave',
    remedy: "give for example { weights: 'tiny_1d.pth' }",
  });
}

/** @throws ModelError if there is no such form */
export function requireGelu(form: GeluForm = 'exact'): void {
  if (GELU_FORMS.includes(form)) return;
  throw new ModelError({
    code: 'model-gelu',
    value: form,
    rule: `GELU is one of ${GELU_FORMS.join(', ')}`,
    remedy: "leave gelu out, as the paper's networks are trained, or give 'tanh'",
  });
}

/** @throws ModelError if it is no device, or multiplies in no such type */
export function requireProducts(device: CpuDevice | CudaDevice, products: ProductType = 'fp32'): void {
  if (!isDevice(device))
    throw new ModelError({
      code: 'model-device',
      value: device,
      rule: 'a device is what openCpu or openCuda gave',
      remedy: 'give for example { device: openCpu() }, or leave it out',
    });
  const types = DEVICE_PRODUCTS[device.kind];
  if (types.includes(products)) return;
  throw new ModelError({
    code: 'model-products',
    value: products,
    rule: `products on a ${device.kind === 'cpu' ? 'CPU' : 'GPU'} are in ${types.join(' or ')}`,
    remedy: 'leave products out',
  });
}

function isDevice(value: unknown): value is CpuDevice | CudaDevice {
  const members = { target: 'object', load: 'function', loadGradient: 'function' } as const;
  return isMade<CpuDevice>(value, 'cpu', members) || isMade<CudaDevice>(value, 'cuda', members);
}
