import type { Problem } from '../generator/problem.js';
import type { Schedule } from '../generator/schedule.js';
import type { TuneEvent } from './event.js';
import type { Rig, Site } from './rig/rig.js';
import type { Session } from './store/session.js';
import type { Store } from './store/store.js';

/** What a tuning works with, the same for all of its problems. Its signal ends it after the trial in hand. */
export interface Workshop extends Site {
  readonly store: Store;
  readonly session: Session;
  readonly rig: Rig;
  /** A search's name. */
  readonly search: string;
  readonly seed: number;
  /** What runs where a problem is not tuned. It is tried early, so that no search ends behind it. */
  readonly incumbent?: (problem: Problem) => Schedule | undefined;
  readonly on: (event: TuneEvent) => void;
}
