import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Problem, problem } from '../../generator/problem.js';
import { tapSet } from '../../generator/taps.js';
import { computedAs, computedWeights } from '../../generator/transpose.js';
import { anyAngle, anyKernel, anyLayer } from '../support/arbitrary.js';
import { dgradFormula, formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';

/** Where each weight reads, unfolded. */
function places(kernel: number, angle: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const { dy, dx, weights } of tapSet(kernel, angle).taps) for (const k of weights) found[k] = [dy, dx];
  return found;
}

describe('taps', () => {
  it('are antisymmetric about the centre: t[K-1-k] = -t[k]', () => {
    fc.assert(
      fc.property(fc.oneof(anyKernel, fc.constantFrom(255, 1023)), anyAngle, (kernel, angle) => {
        const taps = places(kernel, angle);
        expect(taps.toReversed().map(([dy, dx]) => [0 - dy, 0 - dx])).toEqual(taps);
      }),
    );
  });
});

describe('dgrad at stride 1', () => {
  const anyDgrad = anyLayer.map((spec) => problem({ ...spec, op: 'dgrad', stride: 1 }));

  it('is fprop of the same layer with reversed weights', () => {
    fc.assert(
      fc.property(anyDgrad, fc.boolean(), (p, resid) => {
        const forward = computedAs(p);
        expect(forward).toEqual({ ...p, op: 'fprop' });
        const given = operands(p, wholeNumbers, false, resid);
        const reversed = { ...given, weight: computedWeights(p, given.weight) };
        expect(difference(formula(forward, reversed), dgradFormula(p, given))).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it("reverses each channel's weights, and leaves the caller's array alone", () => {
    const p = problem({ op: 'dgrad', height: 4, width: 4, kernel: 3, angles: [0], channels: 2 });
    const weight = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect([...computedWeights(p, weight)]).toEqual([3, 2, 1, 6, 5, 4]);
    expect([...weight]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

const LAYER = { height: 9, width: 7, kernel: 3, angles: [0], channels: 2 };
const OTHERS: readonly Problem[] = [
  problem(LAYER),
  problem({ ...LAYER, stride: 2 }),
  problem({ ...LAYER, op: 'dgrad', stride: 2 }),
  problem({ ...LAYER, op: 'wgrad' }),
];

it.each(OTHERS)('$op at stride $stride is computed as itself', (p) => {
  const weight = wholeNumbers(6);
  expect(computedAs(p)).toBe(p);
  expect(computedWeights(p, weight)).toBe(weight);
});
