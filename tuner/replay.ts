import { type FamilyId, family } from '../generator/families/registry.js';
import { parseProblemName } from '../generator/name.js';
import { type Schedule, schedule } from '../generator/schedule.js';
import { readTarget } from '../generator/target.js';
import { measurement } from './measure/measurement.js';
import type { Outcome } from './outcome.js';
import { createSearch } from './search/registry.js';
import type { Terrain } from './search/terrain.js';

/** Trials of one problem, all or nearly all that its space has, as bench/record.ts writes them. */
export interface RecordedProblem {
  /** With its batch. */
  readonly problem: string;
  readonly target: string;
  /** How many candidates the space had, and how many of them have a trial here. */
  readonly coverage: { readonly legal: number; readonly tried: number };
  readonly families: Readonly<Partial<Record<FamilyId, RecordedFamily>>>;
}

export interface RecordedFamily {
  readonly params: readonly string[];
  /** A value for each parameter, then the time in microseconds, or null where the trial failed. */
  readonly trials: readonly (readonly (number | null)[])[];
}

/** A record as a device: its trials are the space, and a trial's time is known beforehand. */
export interface SimulatedDevice {
  readonly terrain: Terrain<Schedule>;
  /** Microseconds of the fastest. */
  readonly optimum: number;
  outcome(schedule: Schedule): Outcome;
}

/** Trials whose schedule is legal no longer are left out; costs are those of today. */
export function simulatedDevice(record: RecordedProblem): SimulatedDevice {
  const target = readTarget(record.target);
  const problem = parseProblemName(record.problem);
  const trials = Object.entries(record.families).flatMap(([id, { params, trials }]) =>
    trials.flatMap((row) => {
      const values = Object.fromEntries(params.map((name, i) => [name, row[i]!]));
      const made = schedule(problem, target, id as FamilyId, values);
      if (made.kind === 'refusal') return [];
      const cost = family(made.family).cost(problem, target, made.params);
      return [{ made, cost, time: row.at(-1) ?? Number.POSITIVE_INFINITY }];
    }),
  );
  trials.sort((a, b) => a.cost - b.cost || (a.made.name < b.made.name ? -1 : 1));
  const times = new Map(trials.map(({ made, time }) => [made, time]));
  return {
    terrain: { candidates: trials.map(({ made }) => made), costs: trials.map(({ cost }) => cost) },
    optimum: Math.min(...times.values()),
    outcome: (made) => outcomeOf(times.get(made)!),
  };
}

function outcomeOf(time: number): Outcome {
  return Number.isFinite(time)
    ? { kind: 'ok', relativeError: 0, measurement: measurement([time], 1, 'samples') }
    : { kind: 'failed', reason: 'it failed when it was recorded' };
}

export interface Replay {
  readonly search: string;
  readonly seed: number;
  /** Candidates that a search has handed out before it is told of the first of them. */
  readonly inFlight: number;
}

/** The share of the optimum's speed that a search has found after each trial, until the record is exhausted. */
export function replay(device: SimulatedDevice, { search: name, seed, inFlight }: Replay): readonly number[] {
  const search = createSearch(name, device.terrain, seed);
  const underWay: Schedule[] = [];
  const curve: number[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (;;) {
    for (let free = inFlight - underWay.length; free > 0; free--) {
      const one = search.next();
      if (one) underWay.push(one);
    }
    const tried = underWay.shift();
    if (!tried) return curve;
    const outcome = device.outcome(tried);
    search.tell(tried, outcome);
    if (outcome.kind === 'ok') best = Math.min(best, outcome.measurement.median);
    curve.push(device.optimum / best);
  }
}
