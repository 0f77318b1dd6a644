import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { packagePath } from '../../generator/package.js';
import type { Schedule } from '../../generator/schedule.js';
import { barOf } from '../../tuner/measure/bar.js';
import type { Measurement } from '../../tuner/measure/measurement.js';
import { measure } from '../../tuner/measure/sampler.js';
import { mulberry32 } from '../../tuner/random.js';
import { type RecordedProblem, type SimulatedDevice, simulatedDevice } from '../../tuner/replay.js';
import { createSearch } from '../../tuner/search/registry.js';
import type { Choice, Terrain } from '../../tuner/search/terrain.js';
import { grid } from '../support/terrain.js';
import { TestClock } from '../support/test_clock.js';

/** Of a problem that gets a minute. */
const STOPPING = { precision: 0.02, minSamples: 5, maxSamples: 50, budget: 600_000 };
const GOAL = 1.03;

interface Ground<C extends Choice> {
  readonly terrain: Terrain<C>;
  /** Microseconds; infinite where it fails. */
  readonly time: (candidate: C) => number;
  readonly optimum: number;
}

/** Seconds of timing until a candidate within 3 % of the optimum has been found, and how many samples that took. */
function timeToGoal<C extends Choice>({ terrain, time, optimum }: Ground<C>, name: string, prunes: boolean) {
  const clock = new TestClock();
  const random = mulberry32(11);
  const search = createSearch(name, terrain, 1);
  let best: Measurement | undefined;
  for (let one = search.next(); one; one = search.next()) {
    const true_ = time(one);
    if (!Number.isFinite(true_)) {
      search.tell(one, { kind: 'failed', reason: 'recorded' });
      continue;
    }
    const timed = {
      runs: 1,
      time(repetitions: number) {
        const each = true_ * (1 + 0.01 * (random() + random() - 1));
        clock.pass(each * repetitions);
        return each;
      },
    };
    const stopping = { ...STOPPING, bar: prunes && best ? barOf(best) : undefined };
    const measured = measure(timed, { clock: clock.read, warmup: 60_000, shortest: 1000, stopping });
    search.tell(one, { kind: 'ok', relativeError: 0, measurement: measured });
    if (!best || measured.median < best.median) best = measured;
    if (true_ <= GOAL * optimum && measured.stop !== 'beaten') return clock.read();
  }
  throw new Error('the goal was not reached');
}

/** What pruning leaves of the time, on the geometric mean. */
function share<C extends Choice>(grounds: readonly Ground<C>[], name: string): number {
  const logs = grounds.map((ground) =>
    Math.log(timeToGoal(ground, name, true) / timeToGoal(ground, name, false)),
  );
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

const { problems } = JSON.parse(
  readFileSync(packagePath('tests', 'fixtures', 'replay', 'h100.json'), 'utf8'),
) as { readonly problems: readonly RecordedProblem[] };

function groundOf({ terrain, optimum, outcome }: SimulatedDevice): Ground<Schedule> {
  const time = (one: Schedule) => {
    const told = outcome(one);
    return told.kind === 'ok' ? told.measurement.median : Number.POSITIVE_INFINITY;
  };
  return { terrain, time, optimum };
}

/** Where fewer than a tenth of the candidates are within 3 % of the best. */
function isHard<C extends Choice>({ terrain: { candidates }, time, optimum }: Ground<C>): boolean {
  return candidates.filter((one) => time(one) <= GOAL * optimum).length < candidates.length / 10;
}

describe('early pruning', () => {
  let recorded: readonly Ground<Schedule>[];
  beforeAll(() => {
    recorded = problems.map((record) => groundOf(simulatedDevice(record))).filter(isHard);
  });

  test.each([
    ['model', 1],
    ['random', 0.95],
  ])('brings %s within 3 % of the best sooner on hard records of a GPU', (name, most) => {
    expect(share(recorded, name)).toBeLessThan(most);
  });

  test.each(['climb', 'evolve', 'model', 'random'])(
    'brings %s there in three quarters of the time on a bowl',
    (name) => {
      const away = ({ params }: Choice) =>
        Math.abs(Math.log2(params.tile! / 16)) +
        Math.abs(Math.log2(params.lanes! / 4)) +
        Math.abs(Math.log2(params.rows! / 4));
      const terrain = grid(
        { tile: [1, 2, 4, 8, 16, 32], lanes: [1, 2, 4, 8, 16], rows: [1, 2, 4, 8] },
        () => 1,
      );
      const ground = { terrain, time: (one: Choice) => 100 * (1 + 0.2 * away(one)), optimum: 100 };
      expect(share([ground], name)).toBeLessThan(0.75);
    },
  );
});
