import type { Database } from 'better-sqlite3';
import { Claims } from './claims.js';
import { Finals } from './finals.js';
import { Keys } from './keys.js';
import { Sessions } from './sessions.js';
import { Trials } from './trials.js';
import type { World } from './world.js';

/** The tables of one open database, their statements prepared. */
export interface Tables {
  readonly claims: Claims;
  readonly finals: Finals;
  readonly keys: Keys;
  readonly sessions: Sessions;
  readonly trials: Trials;
}

export function tables(db: Database, world: World): Tables {
  return {
    claims: new Claims(db, world),
    finals: new Finals(db),
    keys: new Keys(db),
    sessions: new Sessions(db),
    trials: new Trials(db),
  };
}
