import type { Target } from '../generator/target.js';

/** A kernel that is to be verified, and what is known of it. */
export interface Suspect {
  /** Its name. */
  readonly kernel: string;
  readonly target: Target;
  /** With which it was measured. */
  readonly batch: number;
  readonly threads: number;
  /** Its time in units of the copy's, when it was measured; undefined if no copy was beside it. */
  readonly ratio: number | undefined;
}

/** What was found of one. */
export interface Finding {
  readonly kernel: string;
  readonly target: string;
  /** A trial's; `not run`, `stale` and `missing` beside those. */
  readonly verdict: string;
  readonly detail: string;
  /** Null for a kernel that was not run, though its file is the right one: nothing is known of what it computes. */
  readonly sound: boolean | null;
  /** Of those that were timed again: in units of the copy's, as they were measured and now. */
  readonly ratios?: Ratios;
}

export interface Ratios {
  readonly recorded: number | null;
  readonly now: number;
}
