import type { Launch } from '../../launch.js';
import type { StepOperands } from '../step_operands.js';

/** A kernel on the CPU, the same for all steps that ask for the same. */
export interface CpuKernel {
  readonly kind: 'cpu-kernel';
  /** A symbol: `norm_f32_c96_a1_g0`. */
  readonly name: string;
  /** Packs parameters and pins arrays. @throws DeviceError if one has another length, or arrays overlap that must not */
  bind(operands: StepOperands<Float32Array>): Launch;
}
