import { setImmediate } from 'node:timers/promises';
import type { CudaDevice } from '../../cuda/device.js';
import type { CudaGraph } from '../../cuda/launch.js';
import { median } from '../../median.js';
import type { Profile } from '../executable.js';
import type { BoundStep } from './bind_steps.js';

/** Runs of a step between two events, in one go: what events and the host add is little beside them. */
const RUNS = 5;

/**
 * Times steps by the device's own clock, all in one go and one by one, on whatever their tensors hold. Other work has its
 * turn between two rounds.
 * @param all the steps as one graph
 */
export async function profileSteps(
  steps: readonly BoundStep[],
  all: CudaGraph,
  device: CudaDevice,
  rounds: number,
): Promise<Profile> {
  const graphs = steps.map(({ launch }) => device.graph(Array.from({ length: RUNS }, () => launch)));
  const totals: number[] = [];
  const times = steps.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    totals.push(all.time(1) * steps.length); // it gives the mean of its launches
    graphs.forEach((graph, i) => {
      times[i]!.push(graph.time(1));
    });
    await setImmediate();
  }
  return Object.freeze({
    total: median(totals),
    steps: steps.map(({ name, kernel }, i) => Object.freeze({ name, kernel, time: median(times[i]!) })),
  });
}

/** Microseconds of all steps by the wall clock, the mean of so many runs one after the other. */
export async function timeRuns({ run }: CudaGraph, device: CudaDevice, runs: number): Promise<number> {
  await device.finished();
  const begun = performance.now();
  for (let i = 0; i < runs; i++) run();
  await device.finished();
  return ((performance.now() - begun) * 1000) / runs;
}
