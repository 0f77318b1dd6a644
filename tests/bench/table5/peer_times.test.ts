import { expect, test } from 'vitest';
import type { PeerJob, PeerProcess } from '../../../bench/peer_process.js';
import type { Cell } from '../../../bench/table5/cell.js';
import { MEASURES } from '../../../bench/table5/measure.js';
import { peerLanes, sampled } from '../../../bench/table5/peer_times.js';
import type { OpenPeer, PeerName } from '../../../bench/table5/peers.js';

const CELL: Cell = {
  ...{ kind: 'cell', layout: 'nhwc', dtype: 'f32', size: 6, kernel: 3, batch: 2, channels: 4 },
};

/** A peer that takes note of what it is told, and of which every run takes 500 us. */
function noting(name: PeerName) {
  const told: (PeerJob | 'forget')[] = [];
  const process = {
    forget: async () => void told.push('forget'),
    setup: async (job: PeerJob) => told.push(job) - 1,
    time: async () => 500,
  } as unknown as PeerProcess;
  return { told, peer: { name, process, remedy: undefined } satisfies OpenPeer };
}

test('a peer forgets the cell before, and has a job for each measure and axis', async () => {
  const { told, peer } = noting('torch');
  const lanes = await peerLanes([peer], CELL, 3, { device: 'cpu', threads: 2 });
  const sizes = { batch: 2, channels: 4, height: 6, width: 6, kernel: 3, layout: 'nhwc', stride: 1 };
  const job = { ...sizes, sets: 3, device: 'cpu', threads: 2, benchmark: false };
  expect(told).toEqual([
    'forget',
    ...MEASURES.map((op) => ({ ...job, op, axis: 'horizontal' })),
    ...MEASURES.map((op) => ({ ...job, op, axis: 'vertical' })),
  ]);
  expect(lanes.map(({ axis, samplers }) => [axis, [...samplers.keys()]])).toEqual([
    ['horizontal', [...MEASURES]],
    ['vertical', [...MEASURES]],
  ]);
});

test.each([
  ['cudnn', { benchmark: true, layout: 'nhwc' }, 6],
  ['torch-compile', { compile: true, layout: 'nhwc' }, 3],
  ['onnxruntime', { layout: 'nchw' }, 1],
] as const)('%s is told its settings, and asked for what it has', async (name, settings, measures) => {
  const { told, peer } = noting(name);
  await peerLanes([peer], CELL, 3, { device: 'cuda' });
  expect(told).toHaveLength(1 + 2 * measures);
  expect(told[1]).toMatchObject(settings);
});

test('a missing peer keeps its rows, without a time', async () => {
  const missing = { name: 'torch', process: undefined, remedy: 'get it' } as const;
  const lanes = await peerLanes([missing], CELL, 3, { device: 'cuda' });
  expect(lanes.map(({ samplers }) => samplers.size)).toEqual([0, 0]);
});

test('samples take long enough, and what the first run does once does not count', async () => {
  const asked: number[] = [];
  let first = true;
  const sample = sampled({ sets: 3, shortest: 2000, longest: 50_000 }, async (runs) => {
    asked.push(runs);
    const time = first ? 1e6 : 300;
    first = false;
    return time;
  });
  for (let i = 0; i < 3; i++) expect(await sample()).toBe(300);
  expect(asked).toEqual([1, 1, 7, 7, 7]);
});

test.each([
  [5000, 3],
  [20_000, 2],
  [60_000, 1],
])('runs of %i us take all sets in turn, unless that takes too long: %i', async (time, runs) => {
  let last = 0;
  const sample = sampled({ sets: 3, shortest: 2000, longest: 50_000 }, async (asked) => {
    last = asked;
    return time;
  });
  await sample();
  expect(last).toBe(runs);
});
