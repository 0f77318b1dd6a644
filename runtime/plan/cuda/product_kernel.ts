import type { Product } from '../../../generator/operations/operation.js';
import type { ProductTensors } from '../../cuda/blas.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { DispatchOptions } from '../../dispatch.js';
import { DeviceError } from '../../errors.js';
import { median } from '../../median.js';
import { agreeing } from './agreement.js';
import type { CudaStepKernel } from './kernel.js';
import { onDevice } from './parameter.js';
import { type Multiplier, type ProductWay, referenceWays, tensorWays } from './product_way.js';

/** Runs of each way to compute a product, and of its launches in one go. */
const ROUNDS = 3;
const RUNS = 4;

/**
 * A product in the fastest way that there is: cuBLASLt's own, and where it would need a pass for GELU behind it, kernels of ours
 * that make the same of some rows. Planes, which it does not have, are for kernels of ours alone.
 * @param product of rows that are as they are
 * @throws DeviceError if cuBLASLt names no way, or there is no compiler for a kernel; `bind` does if all of them are refused
 */
export async function productKernel(
  product: Product,
  rows: number,
  device: CudaDevice,
  multiplier: Multiplier,
  options: DispatchOptions = {},
): Promise<CudaStepKernel> {
  const references = await referenceWays(product, rows, device, multiplier, options);
  const isOurs = multiplier.tf32 && (product.gelu === 'exact' || product.planes !== undefined);
  const ours = isOurs ? await tensorWays(product, rows, device, options) : [];
  let best: ProductWay | undefined;
  const choose = (tensors: ProductTensors) => {
    const first =
      fastest(references.map((way) => timed(device, way, tensors))) ?? refused(product, references);
    const sound = agreeing(ours, first.way, device, product, rows, tensors);
    return fastest([first, ...sound.map((way) => timed(device, way, tensors))])!.way;
  };
  return Object.freeze<CudaStepKernel>({
    kind: 'cuda-step-kernel',
    bind({ weight, bias, ...arrays }, lend) {
      const parameters = { weight: lend(onDevice(device, weight!)), bias: lend(onDevice(device, bias!)) };
      const tensors = { ...arrays, ...parameters };
      best ??= choose(tensors);
      return { kernel: best.name, launch: best.bind(tensors) };
    },
  });
}

interface Timed {
  readonly way: ProductWay;
  /** Microseconds on these tensors, whatever they hold; infinite if it does not run. */
  readonly time: number;
}

/** Undefined if none runs. */
function fastest(ways: readonly Timed[]): Timed | undefined {
  const best = ways.toSorted((one, other) => one.time - other.time)[0];
  return best && best.time < Number.POSITIVE_INFINITY ? best : undefined;
}

/** The first run loads the routine, which a graph may not do. */
function timed(device: CudaDevice, way: ProductWay, tensors: ProductTensors): Timed {
  const launch = way.bind(tensors);
  try {
    launch.run();
    device.synchronize();
  } catch (error) {
    if (error instanceof DeviceError && error.code === 'blas-unsupported')
      return { way, time: Number.POSITIVE_INFINITY };
    throw error;
  }
  const graph = device.graph(Array.from({ length: RUNS }, () => launch));
  return { way, time: median(Array.from({ length: ROUNDS }, () => graph.time(1))) };
}

function refused({ inner, outer }: Product, ways: readonly ProductWay[]): never {
  throw new DeviceError('system', {
    code: 'blas-refused',
    value: `${inner} to ${outer}`,
    rule: `cuBLASLt refuses all ${ways.length} of its own ways to compute this product`,
    remedy: 'update nvidia-cublas',
  });
}
