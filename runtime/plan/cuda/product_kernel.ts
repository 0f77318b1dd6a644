import type { Product } from '../../../generator/operations/operation.js';
import type { CudaBlas, CudaMatmul, ProductTensors } from '../../cuda/blas.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import { DeviceError } from '../../errors.js';
import { median } from '../../median.js';
import type { CudaStepKernel } from './kernel.js';
import { onDevice } from './parameter.js';

/** What products are computed with. */
export interface Multiplier {
  readonly blas: CudaBlas;
  /** What its routines may use: a plan's run one after the other. */
  readonly workspace: CudaTensor;
  readonly tf32: boolean;
}

/** Runs of each way to compute a product, and of its launches in one go. */
const ROUNDS = 3;
const RUNS = 4;

/**
 * A product by cuBLASLt, in the fastest of the ways that it names.
 * @param product with GELU by tanh, if with any, and of rows that are as they are
 * @throws DeviceError if there is no way
 */
export function productKernel(
  { inner, outer, gelu, residual }: Product,
  rows: number,
  device: CudaDevice,
  { blas, workspace, tf32 }: Multiplier,
): CudaStepKernel {
  const matmul = blas.matmul({ rows, inner, outer, residual, gelu: gelu === 'tanh', tf32 }, workspace);
  let best: number | undefined;
  return Object.freeze<CudaStepKernel>({
    kind: 'cuda-step-kernel',
    name: `cuBLASLt ${blas.version} in ${tf32 ? 'TF32' : 'float32'}${gelu ? ', with GELU' : ''}`,
    bind({ weight, bias, ...arrays }, lend) {
      const parameters = { weight: lend(onDevice(device, weight!)), bias: lend(onDevice(device, bias!)) };
      const tensors = { ...arrays, ...parameters };
      best ??= fastest(device, matmul, tensors);
      return matmul.bind(tensors, best);
    },
  });
}

/** The way that takes the least time on these tensors, whatever they hold. @throws DeviceError if none of them runs */
function fastest(device: CudaDevice, matmul: CudaMatmul, tensors: ProductTensors): number {
  const ways = Array.from({ length: matmul.algorithms }, (_, algorithm) => algorithm);
  const times = ways.map((algorithm) => timeOf(device, matmul, tensors, algorithm));
  const best = times.indexOf(Math.min(...times));
  if (times[best]! < Number.POSITIVE_INFINITY) return best;
  throw new DeviceError('system', {
    code: 'blas-refused',
    value: matmul.shape,
    rule: `cuBLASLt refuses all ${matmul.algorithms} of its own ways to compute this product`,
    remedy: 'update nvidia-cublas',
  });
}

/** Infinite if the library refuses. The first run loads the routine, which a graph may not do. */
function timeOf(device: CudaDevice, matmul: CudaMatmul, tensors: ProductTensors, algorithm: number): number {
  const launch = matmul.bind(tensors, algorithm);
  try {
    launch.run();
    device.synchronize();
  } catch (error) {
    if (error instanceof DeviceError && error.code === 'blas-unsupported') return Number.POSITIVE_INFINITY;
    throw error;
  }
  const graph = device.graph(Array.from({ length: RUNS }, () => launch));
  return median(Array.from({ length: ROUNDS }, () => graph.time(1)));
}
