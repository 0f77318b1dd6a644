import { expect, test } from 'vitest';
import { cpuStage } from '../../bench/cpu_stage.js';
import { problem } from '../../generator/problem.js';
import { openCpu } from '../../runtime/cpu.js';

test('sets of arrays exceed the last-level caches, or there is one that stays in them', () => {
  const device = openCpu({ threads: 1 });
  const shape = problem({ height: 56, width: 56, kernel: 1, angles: [0], channels: 64 });
  const cold = cpuStage(device, shape, 'cold');
  expect(cold.sets * 2 * 4 * 56 * 56 * 64).toBeGreaterThanOrEqual(128 << 20);
  expect(cpuStage(device, shape, 'warm').sets).toBe(1);
  expect(cold.copy()()).toBeGreaterThan(0);
});
