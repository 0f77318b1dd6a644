import { describe, expect, test } from 'vitest';
import { floorBytes, inputElements, outputElements, problem } from '../../../generator/problem.js';
import { yardstick } from '../../../tuner/trial/yardstick.js';

describe('yardstick', () => {
  test.each([1, 2, 3])('moves as many bytes as a layer of stride %i must', (stride) => {
    const layer = problem({ height: 9, width: 7, kernel: 3, stride, angles: [0], channels: 4, batch: 2 });
    const sets = Array.from({ length: 3 }, () => ({
      input: new Float32Array(inputElements(layer)),
      output: new Float32Array(outputElements(layer)),
    }));
    const copied: (readonly [to: Float32Array, from: Float32Array])[] = [];
    const device = { copy: (to: Float32Array, from: Float32Array) => void copied.push([to, from]) };
    for (const run of yardstick(device, layer, sets)) run();
    expect(copied).toHaveLength(3);
    for (const [i, [to, from]] of copied.entries()) {
      expect(from.buffer).toBe(sets[i]!.input.buffer);
      expect(to.byteLength).toBe(from.byteLength);
      // Less than a float is lost where the floor's bytes are odd.
      expect(floorBytes(layer) - to.byteLength - from.byteLength).toBeLessThan(8);
      expect(floorBytes(layer) - to.byteLength - from.byteLength).toBeGreaterThanOrEqual(0);
    }
    expect(new Set(copied.map(([to]) => to.buffer)).size).toBe(3);
  });
});
