import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPS, problem } from '../../../generator/problem.js';
import { setCount } from '../../../tuner/trial/cuda_sets.js';
import { setBytes } from '../../../tuner/trial/tensors.js';
import { yardstickBytes } from '../../../tuner/trial/yardstick.js';

const layer = (batch: number, op: (typeof OPS)[number] = 'fprop') =>
  problem({ op, height: 14, width: 14, kernel: 7, angles: [0], channels: 64, batch });

describe('setCount', () => {
  it('exceeds the L2 twice over where memory and 16 sets allow', () => {
    const anyCase = [fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 0, max: 100 })] as const;
    fc.assert(
      fc.property(...anyCase, fc.constantFrom(...OPS), (batch, l2, op) => {
        const [bytes, l2Bytes] = [setBytes(layer(batch, op)), l2 << 20];
        const sets = setCount(layer(batch, op), l2Bytes, 2 ** 40);
        expect(sets).toBeGreaterThanOrEqual(2);
        expect(sets).toBeLessThanOrEqual(16);
        expect(sets === 16 || sets * bytes >= 2 * l2Bytes).toBe(true);
        expect(sets === 2 || (sets - 1) * bytes < 2 * l2Bytes).toBe(true);
      }),
    );
  });

  it('fits into the memory that is free', () => {
    const bytes = setBytes(layer(1));
    expect(setCount(layer(1), 50 << 20, 10 * bytes)).toBe(8);
    expect(setCount(layer(1), 50 << 20, bytes)).toBe(1);
  });

  it('leaves room for what copies have of their own', () => {
    const backward = layer(1, 'backward');
    const bytes = setBytes(backward) + yardstickBytes(backward);
    expect(bytes).toBeGreaterThan(1.9 * setBytes(backward));
    expect(setCount(backward, 50 << 20, 10 * bytes)).toBe(8);
  });
});
