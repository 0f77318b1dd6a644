import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groups } from '../../generator/group.js';
import { PAPER_ANGLES, problem } from '../../generator/problem.js';

const layer = (channels: number, angles: readonly number[]) =>
  problem({ height: 8, width: 8, kernel: 31, channels, angles });

describe('groups', () => {
  it('spreads the angles over the channels in equal groups, in order', () => {
    expect(groups(layer(512, PAPER_ANGLES)).map(({ from, to, angle }) => [from, to, angle])).toEqual(
      PAPER_ANGLES.map((angle, i) => [64 * i, 64 * i + 64, angle]),
    );
  });

  it('gives channel ch the direction floor((N*(ch+1) - 1)/C) where N does not divide C', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 12 }), (channels, count) => {
        // Every angle has taps of its own, so that no groups merge.
        const angles = Array.from({ length: count }, (_, n) => (n * 180) / count);
        const all = groups(layer(channels, angles));
        for (let ch = 0; ch < channels; ch++) {
          const direction = Math.floor((count * (ch + 1) - 1) / channels);
          expect(all.find(({ from, to }) => from <= ch && ch < to)?.angle).toBe(angles[direction]);
        }
      }),
    );
  });

  it('merges neighbours that have equal taps', () => {
    expect(groups(layer(8, [45, 45.001, 90])).map(({ from, to }) => [from, to])).toEqual([
      [0, 5],
      [5, 8],
    ]);
  });
});
