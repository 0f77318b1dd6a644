import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertFits, assertTunable } from '../../cli/tunable.js';
import { OPS, problem } from '../../generator/problem.js';
import { cpuTarget } from '../../generator/target.js';
import { preset } from '../../tuner/presets.js';
import { anyLayer } from '../support/arbitrary.js';

test("the paper's layers are tunable on every kind of processor", () => {
  for (const isa of ['avx512', 'avx2', 'plain'] as const)
    for (const op of ['fprop', 'wgrad', 'backward'] as const)
      expect(() => assertTunable(preset('table5', 1, { op }), cpuTarget(isa))).not.toThrow();
});

test('a batch that is too large is refused with the largest that fits', () => {
  const fits = (batch: number, spec: object, memory: number) => {
    try {
      assertFits(problem({ ...(spec as Parameters<typeof problem>[0]), batch }), memory);
      return true;
    } catch (error) {
      return (error as { remedy: string }).remedy;
    }
  };
  fc.assert(
    fc.property(anyLayer, fc.constantFrom(...OPS), fc.integer({ min: 1, max: 1e9 }), (layer, op, memory) => {
      const spec = { ...layer, op };
      const said = fits(1e9, spec, memory);
      if (said === true) return;
      const batch = Number(/^use --batch (\d+)$/.exec(String(said))?.[1] ?? 0);
      if (batch === 0) expect(said).toBe('use a smaller --size, or fewer --channels');
      else expect(fits(batch, spec, memory)).toBe(true);
      expect(fits(batch + 1, spec, memory)).not.toBe(true);
    }),
  );
});

test('what is counted is two sets of tensors with their copies, and of two images the input and the reference in float64', () => {
  const layer = problem({ height: 8, width: 8, stride: 2, kernel: 3, angles: [0], channels: 4, batch: 16 });
  const [input, output] = [4 * 64, 4 * 16];
  // At a stride the copy has a destination of its own, half as large as both together.
  const sets = 2 * 4 * 16 * 1.5 * (input + output);
  const bytes = sets + 2 * (4 * input + 8 * output);
  expect(() => assertFits(layer, bytes / 0.75)).not.toThrow();
  expect(() => assertFits(layer, bytes / 0.75 - 8)).toThrow(/take \S+ GiB, .*; use --batch 15$/);
});

test('of gradients all tensors are counted, the sums and both ends of the copy, too', () => {
  const spec = { height: 8, width: 8, stride: 2, kernel: 3, angles: [0], channels: 4, batch: 16 };
  const layer = problem({ ...spec, op: 'backward' });
  const [x, dy, sums] = [4 * 64, 4 * 16, 4 * 4];
  const sets = 2 * 4 * (16 * 2 * (2 * x + dy) + sums);
  const bytes = sets + 2 * 4 * (x + dy) + 8 * (2 * x + sums);
  expect(() => assertFits(layer, bytes / 0.75)).not.toThrow();
  expect(() => assertFits(layer, bytes / 0.75 - 8)).toThrow(/take \S+ GiB, .*; use --batch 15$/);
});
