import type { Problem } from '../../generator/problem.js';
import {
  checkedTensors,
  checkedWeight,
  type GradientParameters,
  type GradientTensors,
} from '../gradient_tensors.js';
import type { CudaGradientLaunch, GradientEngine } from './gradient_engine.js';
import { type CudaTensor, requireTensor, tensorOverlap } from './tensor.js';

export type CudaGradientBindings = GradientTensors<CudaTensor>;

/** A gradient with its weights, on the device. */
export interface CudaPreparedGradient {
  readonly kind: 'cuda-prepared-gradient';
  /**
   * Makes a buffer for partial sums that is the launch's own: it must not run on two streams at once.
   * @throws DeviceError if a tensor has another length, or an output is another tensor, too
   */
  bind(bindings: CudaGradientBindings): CudaGradientLaunch;
  /** Gives the weights' memory back, see {@link CudaTensor.free}. */
  free(): void;
}

/** @throws DeviceError if weight is missing, misplaced or of another length, or the kernel that packs it fails */
export function preparedGradient(
  problem: Problem,
  engine: GradientEngine,
  parameters: GradientParameters,
): CudaPreparedGradient {
  const { bind, free } = engine.prepare(checkedWeight(problem, parameters), parameters.resid ?? false);
  return Object.freeze<CudaPreparedGradient>({
    kind: 'cuda-prepared-gradient',
    bind: (bindings) => bind(checkedTensors(problem, bindings, requireTensor, tensorOverlap)),
    free,
  });
}
