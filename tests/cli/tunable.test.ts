import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertFits, assertTunable } from '../../cli/tunable.js';
import { problem } from '../../generator/problem.js';
import { cpuTarget } from '../../generator/target.js';
import { preset } from '../../tuner/presets.js';
import { anyLayer } from '../support/arbitrary.js';

test("the paper's layers are tunable on every kind of processor", () => {
  for (const isa of ['avx512', 'avx2', 'plain'] as const)
    expect(() => assertTunable(preset('table5', 1), cpuTarget(isa))).not.toThrow();
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
    fc.property(anyLayer, fc.integer({ min: 1, max: 1e9 }), (spec, memory) => {
      const said = fits(1e9, spec, memory);
      if (said === true) return;
      const batch = Number(/^use --batch (\d+)$/.exec(String(said))?.[1] ?? 0);
      if (batch === 0) expect(said).toBe('use a smaller --size, or fewer --channels');
      else expect(fits(batch, spec, memory)).toBe(true);
      expect(fits(batch + 1, spec, memory)).not.toBe(true);
    }),
  );
});

test('what is counted is two sets of tensors, and of two images the input and the reference in float64', () => {
  const layer = problem({ height: 8, width: 8, stride: 2, kernel: 3, angles: [0], channels: 4, batch: 16 });
  const [input, output] = [4 * 64, 4 * 16];
  const bytes = 2 * 4 * 16 * (input + output) + 2 * (4 * input + 8 * output);
  expect(() => assertFits(layer, bytes / 0.75)).not.toThrow();
  expect(() => assertFits(layer, bytes / 0.75 - 8)).toThrow(/take \S+ GiB, .*; use --batch 15$/);
});
