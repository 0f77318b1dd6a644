import { type Problem, problem } from '../generator/problem.js';
import type { CpuTarget } from '../generator/target.js';
import {
  type Binary,
  bestKernel,
  type DispatchOptions,
  dispatch,
  type Origin,
  publishedKernel,
} from './dispatch.js';
import { gradientOp } from './operation.js';

/** Where a gradient's kernels come from. */
export type GradientOrigin = Origin | PairOrigin;

/** One kernel for dgrad and one for wgrad, and why none does backward in one pass. */
export interface PairOrigin {
  readonly kind: 'pair';
  readonly reason: string;
  readonly dgrad: Origin;
  readonly wgrad: Origin;
}

/** The code of one kernel, or of the two that do backward one after the other. */
export type GradientBinary<B> = B | BinaryPair<B>;

export interface BinaryPair<B> {
  readonly origin: PairOrigin;
  readonly dgrad: B;
  readonly wgrad: B;
}

/** The problems that backward is made of. */
export function backwardParts(backward: Problem) {
  return { dgrad: problem({ ...backward, op: 'dgrad' }), wgrad: problem({ ...backward, op: 'wgrad' }) };
}

export function binaryPair<B extends { readonly origin: Origin }>(
  reason: string,
  dgrad: B,
  wgrad: B,
): BinaryPair<B> {
  return { origin: { kind: 'pair', reason, dgrad: dgrad.origin, wgrad: wgrad.origin }, dgrad, wgrad };
}

/**
 * The best kernel that there is for wgrad or backward: the library's, compiled once; else for wgrad the general one, and
 * for backward the best ones for dgrad and wgrad.
 * @throws DeviceError, see {@link dispatch}
 */
export async function gradientDispatch(
  asked: Problem,
  target: CpuTarget,
  options: DispatchOptions,
): Promise<GradientBinary<Binary>> {
  const op = gradientOp(asked, 'CPU');
  switch (op) {
    case 'wgrad':
      return bestKernel(op, asked, target, options);
    case 'backward': {
      const found = await publishedKernel(asked, target, options);
      if (typeof found !== 'string') return found;
      const { dgrad, wgrad } = backwardParts(asked);
      return binaryPair(
        found,
        await dispatch(dgrad, target, options),
        await bestKernel('wgrad', wgrad, target, options),
      );
    }
    default:
      return op satisfies never;
  }
}
