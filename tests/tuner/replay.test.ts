import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { type RecordedProblem, replay, type SimulatedDevice, simulatedDevice } from '../../tuner/replay.js';
import { DEFAULT_SEARCH, SEARCH_NAMES } from '../../tuner/search/registry.js';

const { problems } = JSON.parse(
  readFileSync(packagePath('tests', 'fixtures', 'replay', 'h100.json'), 'utf8'),
) as { readonly problems: readonly RecordedProblem[] };

/** The first set chose the constants of the searches; the second one only checks them. */
const SETS = {
  'eight angles': problems.filter(({ problem }) => problem.includes('x8_')),
  'one angle': problems.filter(({ problem }) => !problem.includes('x8_')),
};
const SEEDS = [1, 2];
const SHARES = [0.05, 0.1, 0.2, 0.4];
/** As many as the tuner builds at a time for a GPU. */
const IN_FLIGHT = [1, 16];

/** How much longer than the optimum what was found takes, on the geometric mean of problems and on the worst. */
interface Excess {
  readonly mean: number;
  readonly worst: number;
}

let devices: ReadonlyMap<string, readonly SimulatedDevice[]>;
beforeAll(() => {
  devices = new Map(Object.entries(SETS).map(([set, all]) => [set, all.map(simulatedDevice)]));
});

const made = new Map<string, readonly (readonly number[])[]>();

function curvesOf(set: string, search: string, inFlight: number): readonly (readonly number[])[] {
  const key = [set, search, inFlight].join();
  const curves =
    made.get(key) ??
    devices.get(set)!.flatMap((device) => SEEDS.map((seed) => replay(device, { search, seed, inFlight })));
  made.set(key, curves);
  return curves;
}

/** After a share of each problem's trials, rounded up. */
function excess(curves: readonly (readonly number[])[], share: number): Excess {
  const found = curves.map((curve) => 1 / curve[Math.ceil(share * curve.length) - 1]!);
  const mean = Math.exp(found.reduce((sum, ratio) => sum + Math.log(ratio), 0) / found.length);
  return { mean: mean - 1, worst: Math.max(...found) - 1 };
}

describe.each(Object.keys(SETS))('on layers of %s', (set) => {
  test.each(IN_FLIGHT)('the default search keeps its bar with %i in flight', (inFlight) => {
    const { mean, worst } = excess(curvesOf(set, DEFAULT_SEARCH, inFlight), 0.1);
    expect(mean).toBeLessThan(0.03);
    expect(worst).toBeLessThan(0.1);
  });

  test('the default search is ahead of every other after a tenth of the trials', () => {
    const mean = (search: string) => excess(curvesOf(set, search, 1), 0.1).mean;
    const others = SEARCH_NAMES.filter((name) => name !== DEFAULT_SEARCH);
    expect(mean(DEFAULT_SEARCH)).toBeLessThan(Math.min(...others.map(mean)));
  });

  test.each(SEARCH_NAMES)('%s gets to the optimum, and never loses it', (search) => {
    for (const curve of curvesOf(set, search, 16)) {
      expect(curve).toEqual(curve.toSorted((a, b) => a - b));
      expect(curve.at(-1)).toBe(1);
    }
  });
});

describe('the record', () => {
  test('holds at least 12 problems of eight angles, all or three quarters of each space', () => {
    expect(SETS['eight angles'].length).toBeGreaterThanOrEqual(12);
    expect(
      SETS['eight angles'].filter(({ coverage: { legal, tried } }) => tried === legal).length,
    ).toBeGreaterThanOrEqual(12);
    for (const { coverage } of problems) expect(coverage.tried / coverage.legal).toBeGreaterThanOrEqual(0.75);
  });

  test('is legal today', () => {
    for (const [set, all] of Object.entries(SETS))
      for (const [i, device] of devices.get(set)!.entries())
        expect(device.terrain.candidates.length).toBe(all[i]!.coverage.tried);
  });
});

test('prints the curves', () => {
  const percent = (share: number) => (100 * share).toFixed(1).padStart(5);
  const lines = Object.keys(SETS).flatMap((set) =>
    IN_FLIGHT.flatMap((inFlight) => [
      `\n% above the optimum, mean (worst), ${devices.get(set)!.length} layers of ${set}, ${inFlight} in flight`,
      `${'after'.padEnd(11)}${SHARES.map((share) => `${100 * share} %`.padStart(14)).join('')}`,
      ...SEARCH_NAMES.map((search) => {
        const curves = curvesOf(set, search, inFlight);
        const cells = SHARES.map((share) => excess(curves, share));
        return (
          search.padEnd(11) + cells.map(({ mean, worst }) => `${percent(mean)} (${percent(worst)})`).join(' ')
        );
      }),
    ]),
  );
  console.log(lines.join('\n'));
  expect(lines.length).toBe(4 * (2 + SEARCH_NAMES.length));
});
