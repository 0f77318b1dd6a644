import type { Launch } from '../../launch.js';

/** What a step is to work on; null where it has no such array. */
export interface StepOperands {
  /** Rows of a row operation, images of anything else. */
  readonly count: number;
  /** Of a convolution: whether 1 is added to the centre tap. */
  readonly resid: boolean;
  readonly weight: Float32Array | null;
  readonly bias: Float32Array | null;
  readonly input: Float32Array;
  readonly residual: Float32Array | null;
  readonly output: Float32Array;
}

/** A kernel on the CPU, the same for all steps that ask for the same. */
export interface CpuKernel {
  readonly kind: 'cpu-kernel';
  /** A symbol: `norm_f32_c96_a1_g0`. */
  readonly name: string;
  /** Packs parameters and pins arrays. @throws DeviceError if one has another length, or arrays overlap that must not */
  bind(operands: StepOperands): Launch;
}
