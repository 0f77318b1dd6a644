import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Problem, problem, weightsOf } from '../../generator/problem.js';
import { type CpuDevice, openCpu } from '../../runtime/cpu.js';
import { anyAngle } from '../support/arbitrary.js';
import { formula } from '../support/formula.js';
import { fractions } from '../support/numbers.js';

const anySmallBackward: fc.Arbitrary<Problem> = fc
  .record({
    layout: fc.constantFrom('nhwc' as const, 'nchw' as const),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    stride: fc.integer({ min: 1, max: 3 }),
    kernel: fc.constantFrom(1, 3, 5, 9),
    angles: fc.array(anyAngle, { minLength: 1, maxLength: 3 }),
    channels: fc.integer({ min: 1, max: 4 }),
    batch: fc.integer({ min: 1, max: 2 }),
  })
  .map((spec) => problem({ ...spec, op: 'backward' }));

interface Point {
  readonly input: Float32Array;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly resid: boolean;
}

/** Of what a layer gives; anything that is not linear in it. */
function loss(p: Problem, point: Parameters<typeof formula>[1]): number {
  return formula(p, point).reduce((sum, y) => sum + Math.sin(y), 0);
}

/** (loss(x + h) - loss(x - h)) / 2h of every number of one array, in float64. */
function slopes(p: Problem, point: Point, of: 'input' | 'weight' | 'bias'): number[] {
  const h = 1e-4;
  return Array.from(point[of], (value, i) => {
    const at = (moved: number) => {
      const array = Float64Array.from(point[of]);
      array[i] = moved;
      return loss(p, { ...point, [of]: array });
    };
    return (at(value + h) - at(value - h)) / (2 * h);
  });
}

describe('gradients of the CPU', () => {
  let cpu: CpuDevice;
  beforeAll(() => {
    cpu = openCpu({ threads: 2 });
  });

  test('are the slopes of a loss that is computed in float64', async () => {
    await fc.assert(
      fc.asyncProperty(anySmallBackward, fc.boolean(), fc.nat(1000), async (p, resid, seed) => {
        const point: Point = {
          input: fractions(p.batch * p.channels * p.height * p.width, seed),
          weight: fractions(p.channels * weightsOf(p), seed + 1),
          bias: fractions(p.channels, seed + 2),
          resid,
        };
        const grad = Float32Array.from(formula(p, point), Math.cos);
        const made = (await cpu.loadGradient(p)).run({ ...point, grad });
        for (const [name, array] of [
          ['input', made.inputGrad!],
          ['weight', made.weightGrad],
          ['bias', made.biasGrad],
        ] as const) {
          const expected = slopes(p, point, name);
          expect(array).toHaveLength(expected.length);
          expected.forEach((slope, i) => {
            expect(Math.abs(array[i]! - slope), `${name}[${i}]`).toBeLessThan(
              1e-5 * Math.max(1, Math.abs(slope)),
            );
          });
        }
      }),
      { numRuns: 40 },
    );
  });
});
