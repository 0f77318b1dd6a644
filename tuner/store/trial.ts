import type { Measured, Outcome, Verdict } from '../outcome.js';

/** What turned a source into a binary. */
export interface Toolchain {
  /** The compiler's version line. */
  readonly compiler: string;
  /** All that it was told, see compilerSettings. */
  readonly flags: string;
}

/** What makes a trial the same trial: with all of it equal, there is nothing to learn from a second one. */
export interface TrialKey {
  /** A problem's name, batch included. */
  readonly problem: string;
  /** `<layer>__<family>_<its parameters>`. */
  readonly kernel: string;
  /** SHA-256 of the source, hex. */
  readonly sourceHash: string;
  readonly toolchain: Toolchain;
  /** The machine's name: of everything that its times depend on. */
  readonly machine: string;
  readonly threads: number;
}

/** A trial as a tuner hands it in. */
export interface TrialReport extends TrialKey {
  /** `cpu:avx512`. */
  readonly target: string;
  /** The schedule's parameters, as in the kernel's name. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** Whether this is the schedule that an untuned layer gets. */
  readonly isDefault: boolean;
  readonly outcome: Outcome;
}

/** A trial as the store keeps it. */
export interface Trial<O extends Outcome = Outcome> extends TrialReport {
  readonly kind: 'trial';
  /** The problem's name without its batch. */
  readonly layer: string;
  readonly outcome: O;
  /** The session that recorded it. */
  readonly session: number;
  /** ISO 8601, UTC. */
  readonly finished: string;
}

export type MeasuredTrial = Trial<Measured>;

/** Which trials; a field left out takes all. */
export interface TrialFilter {
  readonly problem?: string | undefined;
  readonly kernel?: string | undefined;
  readonly sourceHash?: string | undefined;
  readonly target?: string | undefined;
  readonly machine?: string | undefined;
  readonly toolchain?: Toolchain | undefined;
  readonly threads?: number | undefined;
  readonly verdict?: Verdict | undefined;
}
