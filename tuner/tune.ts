import { rm } from 'node:fs/promises';
import { VERSION } from '../generator/package.js';
import type { Problem } from '../generator/problem.js';
import type { TuneEvent } from './event.js';
import { explore } from './explore.js';
import { holdFinal } from './final.js';
import type { Rig } from './rig/rig.js';
import { space } from './space.js';
import { standing, type TunedProblem } from './standing.js';
import { heartbeat } from './store/heartbeat.js';
import type { Store } from './store/store.js';
import { temporaryFolder } from './temporary_folder.js';
import { Laboratory } from './trial/laboratory.js';
import type { Workshop } from './workshop.js';

export interface TuneOptions {
  readonly store: Store;
  readonly rig: Rig;
  /** A search's name. */
  readonly search: string;
  readonly seed: number;
  /** For all problems together; each gets an equal share of what is left. */
  readonly seconds: number;
  /** Goes on with problems that have had their final, too. */
  readonly more: boolean;
  /** Ends the tuning after the trial in hand; what is finished is kept. */
  readonly signal: AbortSignal;
  readonly on: (event: TuneEvent) => void;
}

/**
 * Tunes problems one after the other. All that happens is in the store at every moment: a tuning that was ended goes
 * on where it was, and several may share a store.
 *
 * @returns where each problem stands, also those that were not reached
 * @throws TunerError, StoreError; DeviceError if a compiler fails for a reason that is not its source's
 */
export async function tune(
  problems: readonly Problem[],
  options: TuneOptions,
): Promise<readonly TunedProblem[]> {
  const folder = await temporaryFolder();
  try {
    const { store, rig, search, seed } = options;
    const session = store.begin({ version: VERSION, search, seed });
    const shop = { ...options, session, folder };
    const beat = heartbeat(session);
    try {
      await tuneAll(shop, problems, options);
    } finally {
      beat.stop();
    }
    session.end();
    return problems.map((problem) => standing(store, rig.setting, problem));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tuneAll(
  shop: Workshop,
  problems: readonly Problem[],
  { seconds, more }: Pick<TuneOptions, 'seconds' | 'more'>,
): Promise<void> {
  const { store, rig, signal, on } = shop;
  const deadline = performance.now() + seconds * 1000;
  const open = problems.filter((problem) => more || !standing(store, rig.setting, problem).winner?.final);
  for (const [index, problem] of open.entries()) {
    if (signal.aborted) break;
    on({ kind: 'problem', problem, index, count: open.length });
    const left = Math.max(0, deadline - performance.now()) / 1000;
    await tuneProblem(shop, problem, left / (open.length - index));
    on({ kind: 'tuned', result: standing(store, rig.setting, problem) });
  }
}

async function tuneProblem(shop: Workshop, problem: Problem, seconds: number): Promise<void> {
  const { rig, seed, signal } = shop;
  const laboratory = new Laboratory(rig.setup(problem, seed));
  try {
    const binaries = await explore(shop, laboratory, space(problem, rig.setting.target), seconds);
    if (!signal.aborted) await holdFinal(shop, laboratory, problem, binaries, seconds);
  } finally {
    laboratory.close();
  }
}
