import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { openCpu } from '../../runtime/cpu.js';

it('threads that wait for work soon use no processor', async () => {
  const convolution = await openCpu({ threads: 4 }).load(
    problem({ height: 8, width: 8, kernel: 3, angles: [0], channels: 64 }),
  );
  convolution.run({ input: new Float32Array(64 * 64), weight: new Float32Array(64 * 3) });
  await setTimeout(50);
  const before = process.cpuUsage();
  await setTimeout(500);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(250); // milliseconds; three threads that never sleep take as many as cores have
});
