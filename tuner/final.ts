import type { Problem } from '../generator/problem.js';
import { type Candidate, candidate, currentSchedule } from './candidate.js';
import type { StoppingRule } from './measure/stopping.js';
import type { Failure } from './outcome.js';
import { podium } from './podium.js';
import { resourcesOf } from './resources.js';
import { subjectOf } from './rig/rig.js';
import { spaceVersion } from './space_version.js';
import { trialsOf } from './standing.js';
import { isMeasured } from './store/trials.js';
import type { Laboratory } from './trial/laboratory.js';
import type { Final } from './trial/protocol.js';
import type { Workshop } from './workshop.js';

/** The best by their trials that meet the default in the final. Those that are beaten soon cost little. */
const FINALISTS = 5;
/** Long enough to see whether a kernel fails. */
const ALONE: StoppingRule = { precision: 1, minSamples: 1, maxSamples: 1, budget: 60_000 };

type Judge = Pick<Laboratory, 'final'>;

/** A candidate that has been tried. */
interface Finalist {
  readonly key: Candidate;
  readonly isDefault: boolean;
}

/** A finalist with its binary. */
interface Entrant extends Finalist {
  readonly path: string;
}

/**
 * Times the best candidates once more, in turn with the default schedule and the copy, and records it. Trials were
 * made minutes apart, so only a final ranks, see podium: whatever wins is at least as fast as the default beside it. Where a
 * kernel fails, the final is held again without those that fail alone; if it fails again, there is none.
 *
 * @param binaries of kernels that were built just now, by name; others are built again
 */
export async function holdFinal(
  shop: Workshop,
  laboratory: Judge,
  problem: Problem,
  binaries: ReadonlyMap<string, string>,
  seconds: number,
): Promise<void> {
  const finalists = choose(shop, problem);
  if (finalists.length === 0) return;
  shop.on({ kind: 'final', kernels: finalists.length });
  const all = await withBinaries(shop, finalists, binaries);
  if (shop.signal.aborted) return;
  let entrants = all;
  let final = await hold(laboratory, entrants, finalStopping(seconds));
  if (final.kind !== 'final' && !shop.signal.aborted) {
    entrants = await soundAlone(laboratory, all);
    if (entrants.length > 0) final = await hold(laboratory, entrants, finalStopping(seconds));
  }
  if (final.kind !== 'final') {
    shop.on({ kind: 'no-final', reason: final.reason });
    return;
  }
  const { copy, retaken, clocks } = final;
  shop.session.recordFinal(placed(entrants, final), copy, {
    retaken,
    clocks,
    placed: true,
    space: spaceVersion(problem, shop.rig.setting.target),
  });
}

/** Finalists with their times, best first. */
function placed(entrants: readonly Entrant[], { measurements, resources, copy }: Final) {
  const finishers = entrants.map(({ key, isDefault }, i) => ({
    ...{ key, isDefault, kernel: key.kernel, measurement: measurements[i]! },
    ...{ samples: measurements[i]!.samples, resources: resourcesOf(key.source, resources[i]) },
  }));
  return podium(finishers, copy.samples);
}

/** The fastest by their trials, and the default; only what the generator still emits. */
function choose(shop: Workshop, problem: Problem): readonly Finalist[] {
  const trials = shop.store
    .trials({ ...trialsOf(shop.rig.setting, problem), verdict: 'ok' })
    .filter(isMeasured)
    .toSorted((a, b) => a.outcome.measurement.median - b.outcome.measurement.median);
  const chosen: Finalist[] = [];
  for (const trial of trials) {
    if (chosen.length >= FINALISTS && !trial.isDefault) continue;
    const schedule = currentSchedule(trial, shop.rig.setting.target);
    if (schedule) chosen.push({ key: candidate(schedule, shop.rig.setting), isDefault: trial.isDefault });
  }
  return chosen;
}

async function withBinaries(
  shop: Workshop,
  finalists: readonly Finalist[],
  binaries: ReadonlyMap<string, string>,
): Promise<readonly Entrant[]> {
  const paths = new Map(binaries);
  const missing = finalists.map(({ key }) => key).filter(({ kernel }) => !paths.has(kernel));
  for (const built of await shop.rig.build(missing, shop))
    if (built.kind === 'binary') paths.set(built.candidate.kernel, built.path);
  return finalists.flatMap((finalist) => {
    const path = paths.get(finalist.key.kernel);
    return path === undefined ? [] : [{ ...finalist, path }];
  });
}

async function hold(
  laboratory: Judge,
  entrants: readonly Entrant[],
  stopping: StoppingRule,
): Promise<Final | Failure> {
  if (entrants.length === 0) return { kind: 'failed', reason: 'no finalist compiles any more' };
  const subjects = entrants.map(({ key, path }) => subjectOf(key, path));
  const incumbent = entrants.findIndex(({ isDefault }) => isDefault);
  return laboratory.final(subjects, stopping, incumbent < 0 ? undefined : incumbent);
}

async function soundAlone(laboratory: Judge, entrants: readonly Entrant[]): Promise<readonly Entrant[]> {
  const sound: Entrant[] = [];
  for (const entrant of entrants)
    if ((await hold(laboratory, [entrant], ALONE)).kind === 'final') sound.push(entrant);
  return sound;
}

/** A tenth of the problem's time, within reason; most finals settle long before. */
function finalStopping(seconds: number): StoppingRule {
  const budget = Math.min(20e6, Math.max(300_000, seconds * 1e5));
  return { precision: 0.01, minSamples: 10, maxSamples: 300, budget };
}
