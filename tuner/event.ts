import type { Problem } from '../generator/problem.js';
import type { Outcome } from './outcome.js';
import type { TunedProblem } from './standing.js';

/** What a tuning says of its progress. */
export type TuneEvent =
  /** A problem is taken up, the `index`th of `count`. */
  | { readonly kind: 'problem'; readonly problem: Problem; readonly index: number; readonly count: number }
  /** It was tuned before, and why that does not count any more. */
  | { readonly kind: 'stale'; readonly reasons: readonly string[] }
  | { readonly kind: 'building'; readonly kernels: number }
  | {
      readonly kind: 'trial';
      readonly kernel: string;
      readonly isDefault: boolean;
      readonly outcome: Outcome;
    }
  | { readonly kind: 'final'; readonly kernels: number }
  /** The final failed: the problem has its trials, and a later tuning may hold one. */
  | { readonly kind: 'no-final'; readonly reason: string }
  | { readonly kind: 'tuned'; readonly result: TunedProblem };
