import type { CudaLaunch } from '../../cuda/launch.js';
import type { Lend } from '../../cuda/lend.js';
import type { CudaTensor } from '../../cuda/tensor.js';

/** What a step is to work on; null where it has no such array. */
export interface StepOperands {
  /** Rows of a row operation, images of anything else. */
  readonly count: number;
  /** Of a convolution: whether 1 is added to the centre tap. */
  readonly resid: boolean;
  readonly weight: Float32Array | null;
  readonly bias: Float32Array | null;
  readonly input: CudaTensor;
  readonly residual: CudaTensor | null;
  readonly output: CudaTensor;
}

/** What does a step on a GPU, the same for all steps that ask for the same. */
export interface CudaStepKernel {
  readonly kind: 'cuda-step-kernel';
  /** A symbol, or the library's routine. */
  readonly name: string;
  /** Brings the parameters to the device; what holds them there is noted with `lend`. @throws DeviceError */
  bind(operands: StepOperands, lend: Lend): CudaLaunch;
}
