import type { CpuTarget } from '../generator/target.js';
import type { Compiler } from '../runtime/compiler.js';
import type { Setting } from './candidate.js';
import type { TuneEvent } from './event.js';
import type { Session } from './store/session.js';
import type { Store } from './store/store.js';

/** What a tuning works with, the same for all of its problems. */
export interface Workshop {
  readonly store: Store;
  readonly session: Session;
  readonly setting: Setting;
  readonly target: CpuTarget;
  readonly compiler: Compiler;
  readonly flags: readonly string[];
  /** The tuning's own, for binaries; gone when it ends. */
  readonly folder: string;
  /** A search's name. */
  readonly search: string;
  readonly seed: number;
  /** Compilers side by side. */
  readonly width: number;
  /** Ends the tuning after the trial in hand. */
  readonly signal: AbortSignal;
  readonly on: (event: TuneEvent) => void;
}
