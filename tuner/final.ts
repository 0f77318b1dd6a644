import type { Problem } from '../generator/problem.js';
import { type Candidate, candidate, currentSchedule } from './candidate.js';
import type { StoppingRule } from './measure/stopping.js';
import type { Failure } from './outcome.js';
import { subjectOf } from './rig/rig.js';
import { trialsOf } from './standing.js';
import { isMeasured } from './store/trials.js';
import type { Laboratory } from './trial/laboratory.js';
import type { Final } from './trial/protocol.js';
import type { Workshop } from './workshop.js';

/** The best by their trials that meet the default in the final. */
const FINALISTS = 3;
/** Long enough to see whether a kernel fails. */
const ALONE: StoppingRule = { precision: 1, minSamples: 1, maxSamples: 1, budget: 60_000 };

type Judge = Pick<Laboratory, 'final'>;

/** A candidate with its binary. */
interface Entrant {
  readonly key: Candidate;
  readonly path: string;
}

/**
 * Times the best candidates once more, in turn with the default schedule and the copy, and records it. Trials were
 * made minutes apart, so only a final ranks: whatever wins here is at least as fast as the default beside it. Where a
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
  const { measurements, copy } = final;
  shop.session.recordFinal(
    entrants.map(({ key }, i) => ({ key, measurement: measurements[i]! })),
    copy,
  );
}

/** The fastest by their trials, and the default; only what the generator still emits. */
function choose(shop: Workshop, problem: Problem): readonly Candidate[] {
  const trials = shop.store
    .trials({ ...trialsOf(shop.rig.setting, problem), verdict: 'ok' })
    .filter(isMeasured)
    .toSorted((a, b) => a.outcome.measurement.median - b.outcome.measurement.median);
  const chosen: Candidate[] = [];
  for (const trial of trials) {
    if (chosen.length >= FINALISTS && !trial.isDefault) continue;
    const schedule = currentSchedule(trial, shop.rig.setting.target);
    if (schedule) chosen.push(candidate(schedule, shop.rig.setting));
  }
  return chosen;
}

async function withBinaries(
  shop: Workshop,
  finalists: readonly Candidate[],
  binaries: ReadonlyMap<string, string>,
): Promise<readonly Entrant[]> {
  const paths = new Map(binaries);
  const missing = finalists.filter(({ kernel }) => !paths.has(kernel));
  for (const built of await shop.rig.build(missing, shop))
    if (built.kind === 'binary') paths.set(built.candidate.kernel, built.path);
  return finalists.flatMap((key) => {
    const path = paths.get(key.kernel);
    return path === undefined ? [] : [{ key, path }];
  });
}

async function hold(
  laboratory: Judge,
  entrants: readonly Entrant[],
  stopping: StoppingRule,
): Promise<Final | Failure> {
  if (entrants.length === 0) return { kind: 'failed', reason: 'no finalist compiles any more' };
  const subjects = entrants.map(({ key, path }) => subjectOf(key, path));
  return laboratory.final(subjects, stopping);
}

async function soundAlone(laboratory: Judge, entrants: readonly Entrant[]): Promise<readonly Entrant[]> {
  const sound: Entrant[] = [];
  for (const entrant of entrants)
    if ((await hold(laboratory, [entrant], ALONE)).kind === 'final') sound.push(entrant);
  return sound;
}

/** A tenth of the problem's time, within reason. */
function finalStopping(seconds: number): StoppingRule {
  const budget = Math.min(5e6, Math.max(300_000, seconds * 1e5));
  return { precision: 0.01, minSamples: 8, maxSamples: 200, budget };
}
