import type { Schedule } from '../generator/schedule.js';
import { targetName } from '../generator/target.js';
import { type Build, build } from './build.js';
import { type Candidate, candidate } from './candidate.js';
import type { StoppingRule } from './measure/stopping.js';
import type { Outcome } from './outcome.js';
import { createSearch } from './search/registry.js';
import type { Space } from './space.js';
import type { Laboratory } from './trial/laboratory.js';
import type { Workshop } from './workshop.js';

/** Candidates a compiler takes at a time, as one translation unit. */
const UNIT = 2;

/**
 * Tries candidates in the search's order, the default first, until the time is up or none is left: claims a few that
 * have no trial and that no other tuner has in hand, builds them, tries them, and records each as it ends.
 *
 * @param seconds the first few are tried whatever it is
 * @returns the binaries of the kernels that passed, by name
 */
export async function explore(
  shop: Workshop,
  laboratory: Laboratory,
  { candidates }: Space,
  seconds: number,
): Promise<ReadonlyMap<string, string>> {
  const search = createSearch(shop.search, candidates, shop.seed);
  const queue = candidates.slice(0, 1);
  const next = () => queue.shift() ?? search.next();
  const tell = (schedule: Schedule, outcome: Outcome) => search.tell(schedule, outcome);
  const passed = new Map<string, string>();
  const stopping = trialStopping(seconds);
  const started = performance.now();
  let begun: number;
  do {
    begun = performance.now();
    const batch = claimSome(shop, next, tell, UNIT * shop.width);
    if (batch.length === 0 || shop.signal.aborted) break;
    shop.on({ kind: 'building', kernels: batch.length });
    for (const built of await build(batch, shop)) {
      if (shop.signal.aborted) break;
      const outcome = await tryOne(laboratory, built, stopping);
      const { schedule, kernel } = built.candidate;
      record(shop, built.candidate, schedule === candidates[0], outcome);
      tell(schedule, outcome);
      if (built.kind === 'binary' && outcome.kind === 'ok') passed.set(kernel, built.path);
    }
    // Another round if at least half of it is likely to fit.
  } while (1.5 * performance.now() - 0.5 * begun - started < seconds * 1000);
  return passed;
}

function claimSome(
  { session, store, setting }: Workshop,
  next: () => Schedule | undefined,
  tell: (schedule: Schedule, outcome: Outcome) => void,
  size: number,
): readonly Candidate[] {
  const batch: Candidate[] = [];
  for (let schedule = next(); schedule; schedule = next()) {
    const made = candidate(schedule, setting);
    const claim = session.claim(made);
    if (claim === 'claimed') batch.push(made);
    const known = claim === 'finished' ? store.find(made) : undefined;
    if (known) tell(schedule, known.outcome);
    if (batch.length === size) break;
  }
  return batch;
}

async function tryOne(laboratory: Laboratory, built: Build, stopping: StoppingRule): Promise<Outcome> {
  if (built.kind === 'refused') return { kind: 'refused-by-compiler', reason: built.reason };
  return laboratory.trial({ kernel: built.candidate.kernel, path: built.path }, stopping);
}

function record(shop: Workshop, made: Candidate, isDefault: boolean, outcome: Outcome): void {
  const { problem, kernel, sourceHash, toolchain, machine, threads, schedule } = made;
  const key = { problem, kernel, sourceHash, toolchain, machine, threads };
  const target = targetName(shop.target);
  shop.session.record({ ...key, target, params: schedule.params, isDefault, outcome });
  shop.on({ kind: 'trial', kernel, isDefault, outcome });
}

/** A trial takes a hundredth of its problem's time, within reason: enough to tell candidates apart, not to rank them. */
function trialStopping(seconds: number): StoppingRule {
  const budget = Math.min(1e6, Math.max(60_000, seconds * 1e4));
  return { precision: 0.02, minSamples: 5, maxSamples: 50, budget };
}
