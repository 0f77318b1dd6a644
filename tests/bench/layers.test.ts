import { describe, expect, test } from 'vitest';
import { benchHeat, heats } from '../../bench/layers.js';
import type { TorchJob, TorchPeer } from '../../bench/peer.js';
import type { Contestant, Stage } from '../../bench/stage.js';
import { floorBytes, OPS, type Op, type ProblemSpec, problem } from '../../generator/problem.js';

const contestant = (spec: Partial<ProblemSpec>): Contestant => {
  const layer = problem({ height: 8, width: 6, kernel: 3, angles: [0], channels: 4, batch: 2, ...spec });
  return { problem: layer, kernel: `${layer.op}${layer.kernel}`, path: '/nowhere' };
};

describe('heats', () => {
  const lengths = (op: Op) =>
    heats([3, 5].flatMap((kernel) => [0, 90].map((angle) => contestant({ op, kernel, angles: [angle] }))));

  test.each(['fprop', 'dgrad'] as const)('of %s hold all kernel lengths and angles of a shape', (op) => {
    expect(lengths(op)).toMatchObject([{ shape: { op, kernel: 1 } }]);
    expect(lengths(op)[0]!.contestants).toHaveLength(4);
  });

  test.each(['wgrad', 'backward'] as const)('of %s hold all angles: dw is as long as the kernel', (op) => {
    expect(lengths(op)).toMatchObject([{ shape: { op, kernel: 3 } }, { shape: { op, kernel: 5 } }]);
    for (const { contestants } of lengths(op)) expect(contestants).toHaveLength(2);
  });

  test('are of one operation each', () => {
    expect(heats(OPS.map((op) => contestant({ op })))).toHaveLength(4);
  });
});

test.each([
  ['fprop', 1],
  ['dgrad', 1],
  ['wgrad', 1],
  ['backward', 2],
] as const)('%s is timed beside the copy and the same of PyTorch', async (op, passes) => {
  const jobs: TorchJob[] = [];
  const peer = {
    setup: async (job: TorchJob) => jobs.push(job) - 1,
    time: async () => 40,
  } as unknown as TorchPeer;
  const stage: Stage = { sets: 3, load: () => ({ sample: () => 10 }), copy: () => () => 8, close() {} };
  const one = contestant({ op, stride: 2 });
  const [heat] = heats([one]);
  const [result] = await benchHeat(heat!, stage, { peer, device: { device: 'cpu', threads: 1 } }, () => {});
  expect(result).toMatchObject({ ours: { median: 10 }, copy: { median: 8 }, torch: { median: 40 } });
  const sizes = { batch: 2, channels: 4, height: 8, width: 6, stride: 2, kernel: 3, layout: 'nhwc' };
  expect(jobs).toEqual([{ op, ...sizes, sets: 3, device: 'cpu', threads: 1 }]);
  expect(result!.gigabytesPerSecond).toBeCloseTo(floorBytes(one.problem) / 1e4, 9);
  // A product for each tap of each pixel that fprop writes.
  expect(result!.gigaMultiplyAdds).toBeCloseTo((passes * 2 * 4 * 4 * 3 * 3) / 1e4, 9);
});

test('square filters are timed beside lines of their size, and are squares of PyTorch', async () => {
  const jobs: TorchJob[] = [];
  const peer = {
    setup: async (job: TorchJob) => jobs.push(job) - 1,
    time: async (job: number) => 40 + job,
  } as unknown as TorchPeer;
  const stage: Stage = { sets: 1, load: () => ({ sample: () => 10 }), copy: () => () => 8, close() {} };
  const [heat, ...others] = heats([contestant({}), contestant({ filter: 'square', angles: [] })]);
  expect(others).toEqual([]);
  const results = await benchHeat(heat!, stage, { peer, device: { device: 'cpu', threads: 1 } }, () => {});
  expect(jobs.map(({ kernel, square }) => [kernel, square])).toEqual([
    [3, undefined],
    [3, true],
  ]);
  expect(results.map(({ torch }) => torch!.median)).toEqual([40, 41]);
  expect(results[1]!.gigaMultiplyAdds / results[0]!.gigaMultiplyAdds).toBeCloseTo(3, 9);
  const gradients = heats([
    contestant({ op: 'wgrad', kernel: 9 }),
    contestant({ op: 'wgrad', filter: 'square', angles: [] }),
  ]);
  expect(gradients).toHaveLength(1); // nine sums a channel, both of them
});
