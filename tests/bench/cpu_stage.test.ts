import { expect, test } from 'vitest';
import { cpuStage } from '../../bench/cpu_stage.js';
import { OPS, problem } from '../../generator/problem.js';
import { openCpu } from '../../runtime/cpu.js';
import { naiveGradientBinary } from '../support/naive_gradient.js';
import { temporaryFolder } from '../support/temporary_folder.js';

test('sets of arrays exceed the last-level caches, or there is one that stays in them', () => {
  const device = openCpu({ threads: 1 });
  const shape = problem({ height: 56, width: 56, kernel: 1, angles: [0], channels: 64 });
  const cold = cpuStage(device, shape, 'cold');
  expect(cold.sets * 2 * 4 * 56 * 56 * 64).toBeGreaterThanOrEqual(128 << 20);
  expect(cpuStage(device, shape, 'warm').sets).toBe(1);
  expect(cold.copy()()).toBeGreaterThan(0);
});

test.each(OPS)('the copy beside %s is timed, whatever the stride', (op) => {
  const shape = problem({ op, height: 9, width: 9, stride: 2, kernel: 1, angles: [0] });
  expect(cpuStage(openCpu({ threads: 1 }), shape, 'warm').copy()()).toBeGreaterThan(0);
});

test.each(['wgrad', 'backward'] as const)(
  'a kernel of %s is timed with its weights on every set',
  async (op) => {
    const layer = problem({ op, height: 9, width: 9, kernel: 3, angles: [0, 45], channels: 8 });
    const path = await naiveGradientBinary(op, temporaryFolder());
    const { load } = cpuStage(openCpu({ threads: 1 }), { ...layer, angles: [0] }, 'warm');
    expect(await load({ problem: layer, kernel: 'naive', path }).sample()).toBeGreaterThan(0);
  },
);
