import { readTarget } from '../generator/target.js';
import { currentSchedule } from '../tuner/candidate.js';
import { staleness } from '../tuner/staleness.js';
import type { Store } from '../tuner/store/store.js';
import type { Trial } from '../tuner/store/trial.js';
import type { Winner } from '../tuner/store/winners.js';
import { placesHere } from './here.js';

/** A winner, and why this machine would not count on it today; empty if it would. */
export interface AssessedWinner {
  readonly winner: Winner;
  readonly stale: readonly string[];
}

/**
 * Every winner of a database; where the generator writes another text for one, also the best of those that it has not
 * changed. @throws StoreError, DeviceError
 */
export async function assessedWinners(store: Store): Promise<readonly AssessedWinner[]> {
  const isCurrent = (trial: Trial) => currentSchedule(trial, readTarget(trial.target)) !== undefined;
  const both = [...store.winners(), ...store.winners({}, isCurrent)];
  const here = await placesHere({ gpus: both.some(({ trial }) => readTarget(trial.target).kind === 'cuda') });
  const once = new Map(both.map((winner) => [keyOf(winner), winner]));
  return [...once.values()].map((winner) => ({ winner, stale: staleness(winner, here) }));
}

function keyOf({ trial }: Winner): string {
  const { problem, kernel, sourceHash, toolchain, machine, threads } = trial;
  return JSON.stringify([problem, kernel, sourceHash, toolchain, machine, threads]);
}
