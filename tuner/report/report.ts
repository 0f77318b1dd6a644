import type { Problem } from '../../generator/problem.js';
import type { Toolchain } from '../store/trial.js';
import type { Winner } from '../store/winners.js';
import type { Curve } from './curve.js';
import type { Direction } from './direction.js';
import type { FamilyEffects } from './effect.js';
import type { FailureGroup } from './failure_group.js';

/** All that a database of trials has to tell, as plain values; pages and tables are made from it and nothing else. */
export interface Report {
  readonly kind: 'report';
  /** The database's path. */
  readonly database: string;
  /** When the report was made. ISO 8601, UTC. */
  readonly made: string;
  readonly settings: readonly SettingReport[];
}

/** Where trials were made and with what: times of two settings do not compare. */
export interface SettingReport {
  readonly target: string;
  readonly machine: string;
  readonly threads: number;
  readonly toolchain: Toolchain;
  readonly problems: readonly ProblemReport[];
}

/** One problem in one setting. */
export interface ProblemReport {
  readonly kind: 'problem-report';
  readonly name: string;
  readonly problem: Problem;
  /** Undefined while no kernel has passed its trial. */
  readonly winner: WinnerReport | undefined;
  readonly trials: number;
  readonly failures: readonly FailureGroup[];
  readonly curve: Curve;
  readonly effects: readonly FamilyEffects[];
  readonly directions: readonly Direction[];
  readonly commands: Commands;
}

export interface WinnerReport extends Winner {
  /** `cuda_direct_t14_v1_l32_a1_b4_m8`. */
  readonly schedule: string;
  /** Whether the generator of today still emits this kernel's text. */
  readonly current: boolean;
  /** Time over the copy's; undefined where no final was held. */
  readonly toFloor: number | undefined;
  /** Time over the default schedule's; undefined where it has no time. */
  readonly toDefault: number | undefined;
}

/** Command lines that repeat what a report's row says. */
export interface Commands {
  /** Tunes the problem as it was tuned. */
  readonly tune: string;
  /** Writes the winner's text; undefined where there is none or the generator no longer emits it. */
  readonly generate: string | undefined;
}
