import type { CudaLaunch } from '../../cuda/launch.js';
import type { Lend } from '../../cuda/lend.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import type { StepOperands } from '../step_operands.js';

/** What does a step on a GPU, the same for all steps that ask for the same. */
export interface CudaStepKernel {
  readonly kind: 'cuda-step-kernel';
  /** Brings the parameters to the device; what holds them there is noted with `lend`. @throws DeviceError */
  bind(operands: StepOperands<CudaTensor>, lend: Lend): BoundKernel;
}

export interface BoundKernel {
  /** A symbol, or the library's routine. */
  readonly kernel: string;
  readonly launch: CudaLaunch;
}
