import { VERSION } from '../generator/package.js';
import type { Problem } from '../generator/problem.js';
import type { Schedule } from '../generator/schedule.js';
import { space } from '../generator/space.js';
import { type Budget, budget, extraPortions } from './budget.js';
import type { Setting } from './candidate.js';
import type { TuneEvent } from './event.js';
import { explore } from './explore.js';
import { holdFinal } from './final.js';
import { handOut } from './hand_out.js';
import { prospect } from './prospect.js';
import type { Rig } from './rig/rig.js';
import { isTuned, overtaken, standing, type TunedProblem } from './standing.js';
import { heartbeat } from './store/heartbeat.js';
import type { Store } from './store/store.js';
import { temporaryFolder } from './temporary_folder.js';
import { Laboratory } from './trial/laboratory.js';
import type { Workshop } from './workshop.js';

export interface TuneOptions {
  readonly store: Store;
  /** At least one, all of one setting: as the GPUs of a machine that are one model. */
  readonly rigs: readonly Rig[];
  /** A search's name. */
  readonly search: string;
  readonly seed: number;
  /** What runs where a problem is not tuned. It is tried early, so that no search ends behind it. */
  readonly incumbent?: (problem: Problem) => Schedule | undefined;
  /** For all problems together: most of it in equal parts, the rest where it pays most, see budget. */
  readonly seconds: number;
  /** Goes on with problems that have had their final, too. */
  readonly more: boolean;
  /** Ends the tuning after the trial in hand; what is finished is kept. */
  readonly signal: AbortSignal;
  /** @param rig its place among the rigs */
  readonly on: (event: TuneEvent, rig: number) => void;
}

/**
 * Tunes problems one after the other, as many side by side as there are rigs, and then some of them further. All that happens is in the store at every
 * moment: a tuning that was ended goes on where it was, and several may share a store.
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
    const { store, rigs, search, seed } = options;
    const session = store.begin({ version: VERSION, search, seed });
    const beat = heartbeat(session);
    try {
      await tuneAll(problems, options, { session, folder: folder.path });
    } finally {
      beat.stop();
    }
    session.end();
    return problems.map((problem) => standing(store, rigs[0]!.setting, problem));
  } finally {
    await folder.remove();
  }
}

async function tuneAll(
  problems: readonly Problem[],
  options: TuneOptions,
  own: Pick<Workshop, 'session' | 'folder'>,
): Promise<void> {
  const { store, rigs, seconds } = options;
  const start = performance.now();
  const open = openProblems(problems, rigs[0]!.setting, options);
  const { shared, kept, portions } = budget(seconds, open.length, rigs.length);
  await handOut(open, rigs, options.signal, async (problem, { worker, number, index, rounds }, signal) => {
    const on = (event: TuneEvent) => options.on(event, number);
    on({ kind: 'problem', problem, index, count: open.length });
    const reasons = overtaken(store, worker.setting, problem);
    if (reasons.length > 0) on({ kind: 'stale', reasons });
    const left = Math.max(0, shared - secondsSince(start));
    await tuneProblem({ ...options, ...own, rig: worker, signal, on }, problem, left / rounds);
    on({ kind: 'tuned', result: standing(store, worker.setting, problem) });
  });
  if (kept > 0 && !options.signal.aborted) await goOn(open, options, own, { start, kept, portions });
}

/** Gives the time that was kept back to those that are likely to gain the most by it. */
async function goOn(
  open: readonly Problem[],
  options: TuneOptions,
  own: Pick<Workshop, 'session' | 'folder'>,
  { start, kept, portions }: Pick<Budget, 'kept' | 'portions'> & { readonly start: number },
): Promise<void> {
  const { store, rigs, seconds } = options;
  const got = extraPortions(
    open.map((problem) => prospect(store, rigs[0]!.setting, problem)),
    portions,
  );
  const portion = (kept * rigs.length) / portions;
  // The longest first, so that all rigs end at about the same time.
  const further = open
    .map((problem, index) => ({ problem, index, long: got[index]! * portion }))
    .filter(({ long }) => long > 0)
    .toSorted((a, b) => b.long - a.long);
  await handOut(
    further,
    rigs,
    options.signal,
    async ({ problem, index, long }, { worker, number }, signal) => {
      const left = seconds - secondsSince(start);
      if (left <= 0) return;
      const on = (event: TuneEvent) => options.on(event, number);
      on({ kind: 'problem', problem, index, count: open.length });
      await tuneProblem({ ...options, ...own, rig: worker, signal, on }, problem, Math.min(left, long));
    },
  );
}

function secondsSince(moment: number): number {
  return (performance.now() - moment) / 1000;
}

/** Those that have had no final yet in a setting, among the schedules that there are today; or all. */
function openProblems(
  problems: readonly Problem[],
  setting: Setting,
  { store, more }: Pick<TuneOptions, 'store' | 'more'>,
): readonly Problem[] {
  return problems.filter((problem) => more || !isTuned(standing(store, setting, problem), setting.target));
}

async function tuneProblem(shop: Workshop, problem: Problem, seconds: number): Promise<void> {
  const { rig, seed, signal } = shop;
  const laboratory = new Laboratory(rig.setup(problem, seed), undefined, rig.grace);
  try {
    const binaries = await explore(shop, laboratory, space(problem, rig.setting.target), seconds);
    if (!signal.aborted) await holdFinal(shop, laboratory, problem, binaries, seconds);
  } finally {
    laboratory.close();
  }
}
