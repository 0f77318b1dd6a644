import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { build } from './build.js';
import { type Candidate, candidate, currentSchedule } from './candidate.js';
import type { StoppingRule } from './measure/stopping.js';
import { trialsOf } from './standing.js';
import type { MeasuredTrial, Trial } from './store/trial.js';
import type { Laboratory } from './trial/laboratory.js';
import type { Workshop } from './workshop.js';

/** The best by their trials that meet the default in the final. */
const FINALISTS = 3;

/**
 * Times the best candidates once more, in turn with the default schedule and the copy, and records it. Trials were
 * made minutes apart, so only a final ranks: whatever wins here is at least as fast as the default beside it.
 *
 * @param binaries of kernels that were built just now, by name; others are built again
 */
export async function holdFinal(
  shop: Workshop,
  laboratory: Laboratory,
  problem: Problem,
  binaries: ReadonlyMap<string, string>,
  seconds: number,
): Promise<void> {
  const finalists = choose(shop, problem);
  if (finalists.length === 0) return;
  shop.on({ kind: 'final', kernels: finalists.length });
  const missing = finalists.filter(({ kernel }) => !binaries.has(kernel));
  const paths = new Map(binaries);
  for (const built of await build(missing, shop.compiler, shop.flags, shop.width))
    if (built.kind === 'binary') paths.set(built.candidate.kernel, built.path);
  if (shop.signal.aborted) return;
  const entries = finalists.filter(({ kernel }) => paths.has(kernel));
  shop.session.renew();
  const { measurements, copy } = await laboratory.final(
    entries.map(({ kernel }) => ({ kernel, path: paths.get(kernel)! })),
    finalStopping(seconds),
  );
  const { machine, threads } = shop.setting;
  shop.session.recordFinal(entries.map((key, i) => ({ key, measurement: measurements[i]! })));
  shop.session.recordYardstick({ problem: problemName(problem), machine, threads }, copy);
}

/** The fastest by their trials, and the default; only what the generator still emits. */
function choose(shop: Workshop, problem: Problem): readonly Candidate[] {
  const trials = shop.store
    .trials({ ...trialsOf(shop.setting, problem), verdict: 'ok' })
    .filter(isMeasured)
    .toSorted((a, b) => a.outcome.measurement.median - b.outcome.measurement.median);
  const chosen: Candidate[] = [];
  for (const trial of trials) {
    if (chosen.length >= FINALISTS && !trial.isDefault) continue;
    const schedule = currentSchedule(trial, shop.target);
    if (schedule) chosen.push(candidate(schedule, shop.setting));
  }
  return chosen;
}

function isMeasured(trial: Trial): trial is MeasuredTrial {
  return trial.outcome.kind === 'ok';
}

/** A tenth of the problem's time, within reason. */
function finalStopping(seconds: number): StoppingRule {
  const budget = Math.min(5e6, Math.max(300_000, seconds * 1e5));
  return { precision: 0.01, minSamples: 8, maxSamples: 200, budget };
}
