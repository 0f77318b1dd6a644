import type { Problem } from '../../generator/problem.js';
import type { Candidate, Setting } from '../candidate.js';
import type { Setup, Subject } from '../trial/protocol.js';
import type { Line } from './line.js';

/** What a tuning needs of a kind of machine: how candidates are built for it, and where their trials are made. */
export interface Rig {
  readonly kind: 'rig';
  readonly setting: Setting;
  /** How building and trying go together. */
  readonly line: Line;
  /** How much longer than its budget a trial may take before it counts as hung, in milliseconds; see Laboratory. */
  readonly grace?: number;
  /**
   * Compiles candidates side by side. After Ctrl-C, which compilers get as well, those that had no time are left out.
   * @throws DeviceError if a compiler ended in a way that says nothing of its source, as on a full disk
   */
  build(candidates: readonly Candidate[], site: Site): Promise<readonly Build[]>;
  /** What a worker is told. */
  setup(problem: Problem, seed: number): Setup;
}

/** A candidate compiled, or refused by the compiler. */
export type Build =
  | { readonly kind: 'binary'; readonly candidate: Candidate; readonly path: string }
  | { readonly kind: 'refused'; readonly candidate: Candidate; readonly reason: string };

/** Where a tuning builds, and what ends it. */
export interface Site {
  /** The tuning's own, for binaries; gone when it ends. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** A candidate's kernel, as a worker is handed it. */
export function subjectOf({ kernel, source }: Candidate, path: string): Subject {
  return { kernel, path, ...(source.launch && { launch: source.launch }) };
}
