import type { Schedule } from '../generator/schedule.js';
import type { Space } from '../generator/space.js';
import { targetName } from '../generator/target.js';
import { type Candidate, candidate } from './candidate.js';
import { barOf } from './measure/bar.js';
import type { Measurement } from './measure/measurement.js';
import type { StoppingRule } from './measure/stopping.js';
import type { Outcome } from './outcome.js';
import { type Build, subjectOf } from './rig/rig.js';
import { createSearch } from './search/registry.js';
import type { Search } from './search/search.js';
import type { Laboratory } from './trial/laboratory.js';
import type { Workshop } from './workshop.js';

/**
 * Tries candidates in the search's order until the time is up or none is left: claims those that have no trial and that
 * no other tuner has in hand, builds them, tries them, and records each as it ends.
 *
 * @param seconds the first few are tried whatever it is
 * @returns the binaries of the kernels that passed, by name
 */
export async function explore(
  shop: Workshop,
  laboratory: Laboratory,
  space: Space,
  seconds: number,
): Promise<ReadonlyMap<string, string>> {
  const { rig, signal } = shop;
  const search = createSearch(shop.search, space, shop.seed, incumbentOf(shop, space));
  const started = performance.now();
  // Another one if at least half of it is likely to fit.
  const fits = (lasted: number) => performance.now() - started + lasted / 2 < seconds * 1000;
  const builds = rig.line({
    claim: (count, lasted) =>
      signal.aborted || (lasted !== undefined && !fits(lasted)) ? [] : claimSome(shop, search, count),
    build(batch) {
      shop.on({ kind: 'building', kernels: batch.length });
      return rig.build(batch, shop);
    },
  });
  const passed = new Map<string, string>();
  // Of this tuning: times of another day would be no bar for what is tried today.
  let best: Measurement | undefined;
  for await (const built of builds) {
    if (signal.aborted) break;
    const outcome = await tryOne(laboratory, built, trialStopping(seconds, best));
    const { schedule, kernel } = built.candidate;
    record(shop, built.candidate, schedule === space.candidates[0], outcome);
    search.tell(schedule, outcome);
    if (built.kind !== 'binary' || outcome.kind !== 'ok') continue;
    passed.set(kernel, built.path);
    if (!best || outcome.measurement.median < best.median) best = outcome.measurement;
  }
  return passed;
}

/** As the space has it. It may be legal and yet not of the space: of other parameters than are thought worth trying today. */
function incumbentOf({ incumbent }: Workshop, { problem, candidates }: Space): Schedule | undefined {
  const found = incumbent?.(problem);
  return candidates.find(({ name }) => name === found?.name) ?? found;
}

function claimSome(
  { session, store, rig }: Workshop,
  search: Search<Schedule>,
  size: number,
): readonly Candidate[] {
  const batch: Candidate[] = [];
  for (let schedule = search.next(); schedule; schedule = search.next()) {
    const made = candidate(schedule, rig.setting);
    const claim = session.claim(made);
    if (claim === 'claimed') batch.push(made);
    const known = claim === 'finished' ? store.find(made) : undefined;
    if (known) search.tell(schedule, known.outcome);
    if (batch.length === size) break;
  }
  return batch;
}

async function tryOne(laboratory: Laboratory, built: Build, stopping: StoppingRule): Promise<Outcome> {
  if (built.kind === 'refused') return { kind: 'refused-by-compiler', reason: built.reason };
  return laboratory.trial(subjectOf(built.candidate, built.path), stopping);
}

function record(shop: Workshop, made: Candidate, isDefault: boolean, outcome: Outcome): void {
  const { problem, kernel, sourceHash, toolchain, machine, threads, schedule } = made;
  const key = { problem, kernel, sourceHash, toolchain, machine, threads };
  const target = targetName(shop.rig.setting.target);
  shop.session.record({ ...key, target, params: schedule.params, isDefault, outcome });
  shop.on({ kind: 'trial', kernel, isDefault, outcome });
}

/**
 * A trial takes a hundredth of its problem's time, within reason: enough to tell candidates apart, not to rank them. One
 * that is far behind the best takes next to none.
 */
function trialStopping(seconds: number, best: Measurement | undefined): StoppingRule {
  const budget = Math.min(1e6, Math.max(60_000, seconds * 1e4));
  return { precision: 0.02, minSamples: 5, maxSamples: 50, budget, bar: best && barOf(best) };
}
