import type { GeneralOp } from '../generator/families/general_name.js';
import { type GradientOp, isGradient, type Problem } from '../generator/problem.js';
import { requireProblem } from '../generator/require_problem.js';
import { DeviceError } from './errors.js';

/** Operations that compute a tensor of images from one and weights. */
export type ConvolutionOp = Exclude<GeneralOp, GradientOp>;

/** A convolution's operation. @throws ProblemError if problem() did not make it, DeviceError if it is a gradient of the weights, or not in float32 */
export function convolutionOp(problem: Problem, device: 'CPU' | 'GPU'): ConvolutionOp {
  requireProblem(problem);
  requireFloat32(problem, device);
  if (!isGradient(problem)) return problem.op as ConvolutionOp;
  throw misplaced(
    problem,
    'load and loadBinary are for fprop and dgrad',
    'loadGradient or loadGradientBinary',
  );
}

/** A gradient's operation. @throws ProblemError if problem() did not make it, DeviceError if it is a convolution, or not in float32 */
export function gradientOp(problem: Problem, device: 'CPU' | 'GPU'): GradientOp {
  requireProblem(problem);
  requireFloat32(problem, device);
  if (isGradient(problem)) return problem.op;
  throw misplaced(
    problem,
    'loadGradient and loadGradientBinary are for wgrad and backward',
    'load or loadBinary',
  );
}

function misplaced({ op }: Problem, rule: string, other: string): DeviceError {
  return new DeviceError('user', { code: 'op-misplaced', value: op, rule, remedy: `use ${other}` });
}

function requireFloat32({ op, dtype }: Problem, device: 'CPU' | 'GPU'): void {
  if (dtype === 'f32') return;
  throw new DeviceError('user', {
    code: `${device.toLowerCase()}-unsupported`,
    value: `${op} in ${dtype}`,
    rule: `dtype ${dtype} is not yet done on the ${device}`,
    remedy: 'use dtype f32',
  });
}
