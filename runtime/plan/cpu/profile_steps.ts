import { setImmediate } from 'node:timers/promises';
import type { Launch } from '../../launch.js';
import { median } from '../../median.js';
import type { Profile } from '../executable.js';
import type { BoundStep } from './bind_steps.js';

/**
 * Times steps on this thread, all in one go and one by one, on whatever their arrays hold. Other work has its turn between
 * two rounds.
 * @param all the steps as one launch
 */
export async function profileSteps(
  steps: readonly BoundStep[],
  all: Launch,
  rounds: number,
): Promise<Profile> {
  const totals: number[] = [];
  const times = steps.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    totals.push(microseconds(all));
    steps.forEach(({ launch }, i) => {
      times[i]!.push(microseconds(launch));
    });
    await setImmediate();
  }
  return Object.freeze({
    total: median(totals),
    steps: steps.map(({ name, kernel }, i) => Object.freeze({ name, kernel, time: median(times[i]!) })),
  });
}

/** Microseconds of a launch on this thread, the mean of so many runs. */
export function timeRuns(launch: Launch, runs: number): number {
  let total = 0;
  for (let run = 0; run < runs; run++) total += microseconds(launch);
  return total / runs;
}

function microseconds({ run }: Launch): number {
  const start = performance.now();
  run();
  return (performance.now() - start) * 1000;
}
