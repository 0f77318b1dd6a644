import { describe, expect, test } from 'vitest';
import { floorBytes, OPS, problem } from '../../../generator/problem.js';
import { tensor } from '../../../runtime/tensor.js';
import { cpuCopies, cpuSet } from '../../../tuner/trial/cpu_sets.js';
import { tensorsOf } from '../../../tuner/trial/tensors.js';
import { copiedFloats, yardstick, yardstickBytes } from '../../../tuner/trial/yardstick.js';

const layer = (op: (typeof OPS)[number], stride: number) =>
  problem({ op, height: 9, width: 7, kernel: 3, stride, angles: [0], channels: 4, batch: 2 });
const cases = OPS.flatMap((op) => [1, 2, 3].map((stride) => [op, stride] as const));

describe('yardstick', () => {
  test.each(cases)(
    'moves as many bytes as %s of stride %i must, on the tensors of each set',
    (op, stride) => {
      const asked = layer(op, stride);
      const sets = Array.from({ length: 3 }, () => cpuSet(asked, () => {}));
      const copied: (readonly [to: Float32Array, from: Float32Array])[] = [];
      const device = { copy: (to: Float32Array, from: Float32Array) => void copied.push([to, from]) };
      for (const run of cpuCopies(device, asked, sets)) run();
      expect(copied).toHaveLength(3);
      for (const [to, from] of copied) {
        expect(to.byteLength).toBe(from.byteLength);
        // Less than a float is lost where the floor's bytes are odd.
        expect(floorBytes(asked) - to.byteLength - from.byteLength).toBeLessThan(8);
        expect(floorBytes(asked) - to.byteLength - from.byteLength).toBeGreaterThanOrEqual(0);
        expect(to.buffer).not.toBe(from.buffer);
      }
      // Each finds its data in memory, as kernels do.
      expect(new Set(copied.flat().map(({ buffer }) => buffer)).size).toBe(6);
    },
  );

  test.each(cases)(
    'of %s at stride %i overwrites nothing that is read, and counts what is its own',
    (op, stride) => {
      const asked = layer(op, stride);
      const set = cpuSet(asked, () => {});
      const made: Float32Array[] = [];
      const { source, destination } = yardstick<Float32Array>(asked, set, (floats) => {
        made.push(tensor(floats));
        return made.at(-1)!;
      });
      const { read, written } = tensorsOf(asked);
      const those = (uses: typeof read) => uses.map(({ name }) => set[name]);
      expect([...those(read), ...made]).toContain(source);
      expect([...those(written), ...made]).toContain(destination);
      expect(made.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(yardstickBytes(asked));
    },
  );

  test('needs nothing of its own where input and output are long enough', () => {
    expect(yardstickBytes(layer('fprop', 1))).toBe(0);
    expect(yardstickBytes(layer('dgrad', 1))).toBe(0);
    expect(yardstickBytes(layer('fprop', 2))).toBe(4 * copiedFloats(layer('fprop', 2)));
    expect(yardstickBytes(layer('dgrad', 2))).toBe(4 * copiedFloats(layer('dgrad', 2)));
    expect(yardstickBytes(layer('wgrad', 1))).toBe(4 * copiedFloats(layer('wgrad', 1)));
    expect(yardstickBytes(layer('backward', 1))).toBe(2 * 4 * copiedFloats(layer('backward', 1)));
  });
});
