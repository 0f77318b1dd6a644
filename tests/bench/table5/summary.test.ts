import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MEASURES } from '../../../bench/table5/measure.js';
import type { CellResult } from '../../../bench/table5/result.js';
import {
  angleSpread,
  byLayout,
  fastestPeer,
  milliseconds,
  peerLabel,
  toFloor,
} from '../../../bench/table5/summary.js';
import { sampleTable } from '../../support/table5_result.js';

const [cell] = sampleTable().cells;

/** The sample's first cell with other times of one measure. */
function withTimes(medians: readonly number[]): CellResult {
  const layers = cell!.layers.map((layer, i) => ({
    ...layer,
    times: { ...layer.times, fprop: { median: medians[i]!, spread: 0 } },
  }));
  return { ...cell!, layers };
}

test('the spread is over the eight layers of one angle, whatever all together take', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 9, maxLength: 9 }),
      (medians) => {
        const alone = medians.slice(0, 8);
        const { fastest, slowest, mean, ratio } = angleSpread(withTimes(medians), 'fprop');
        expect(fastest.times.fprop.median).toBe(Math.min(...alone));
        expect(slowest.times.fprop.median).toBe(Math.max(...alone));
        expect(ratio).toBeCloseTo(Math.max(...alone) / Math.min(...alone), 9);
        expect(mean).toBeCloseTo(alone.reduce((sum, one) => sum + one, 0) / 8, 3);
      },
    ),
  );
});

test('backward is held against the copy of three tensors, other operations against that of two, steps against none', () => {
  const ratios = MEASURES.map((measure) => toFloor(cell!, measure, { median: 300, spread: 0 }));
  expect(ratios).toEqual([undefined, undefined, 3, 3, 3, 2]);
});

test('the fastest peer is that of either axis, and a missing one is none', () => {
  expect(fastestPeer(cell!, 'step')).toMatchObject({
    name: 'torch',
    axis: 'horizontal',
    time: { median: 1000 },
  });
  expect(fastestPeer({ ...cell!, peers: cell!.peers.slice(2) }, 'step')).toBeUndefined();
  expect(cell!.peers.map(peerLabel)).toEqual([
    'torch 1xK',
    'torch Kx1',
    'onnxruntime 1xK',
    'onnxruntime Kx1',
  ]);
});

test('tables are of a layout and a type', () => {
  const { cells } = sampleTable();
  const half = cells.slice(0, 2).map((one): CellResult => ({ ...one, dtype: 'f16' }));
  expect(byLayout([...cells, ...half]).map((group) => group.length)).toEqual([6, 6, 2]);
});

test('milliseconds have three digits, or no fraction', () => {
  expect([42.13, 12_345, 99_940, 1_894_300].map(milliseconds)).toEqual(['0.0421', '12.3', '99.9', '1894']);
});
