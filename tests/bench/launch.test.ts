import { expect, test } from 'vitest';
import { launchNanoseconds } from '../../bench/launch.js';
import type { CpuDevice } from '../../runtime/cpu.js';
import { openCpu } from '../../runtime/cpu.js';

test('runs the general kernel on one pixel, some thousand times, and gives nanoseconds', async () => {
  const device = openCpu({ threads: 1 });
  let runs = 0;
  const origins: string[] = [];
  const counting = {
    ...device,
    async load(...args: Parameters<CpuDevice['load']>) {
      const real = await device.load(...args);
      origins.push(real.origin.kind);
      return {
        ...real,
        prepare: (parameters: Parameters<typeof real.prepare>[0]) => {
          const prepared = real.prepare(parameters);
          return {
            ...prepared,
            bind: (bindings: Parameters<typeof prepared.bind>[0]) => {
              const launch = prepared.bind(bindings);
              const run = () => {
                runs++;
                launch.run();
              };
              return { ...launch, run };
            },
          };
        },
      };
    },
  } as CpuDevice;
  const start = performance.now();
  const nanoseconds = await launchNanoseconds(counting);
  const all = (performance.now() - start) * 1e6;
  expect(origins).toEqual(['general']);
  expect(nanoseconds).toBeGreaterThan(0);
  // A median is at most twice the mean.
  expect(nanoseconds).toBeLessThan((2 * all) / runs);
});
