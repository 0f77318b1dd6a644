import type { Launch } from '../../runtime/convolution.js';
import { DeviceError } from '../../runtime/errors.js';
import type { Sampling } from '../measure/batch.js';
import { monotonicClock } from '../measure/clock.js';
import { measureInterleaved } from '../measure/interleaved.js';
import { measure } from '../measure/sampler.js';
import type { StoppingRule } from '../measure/stopping.js';
import type { Failure, Outcome } from '../outcome.js';
import type { Final, FinalRequest, Subject, TrialRequest } from './protocol.js';
import { verdict } from './verify.js';
import type { Workload } from './workload.js';
import { yardstick } from './yardstick.js';

/** Verifies a kernel, then times it. */
export function runTrial(load: Workload, { subject, stopping }: TrialRequest): Outcome {
  return orFailure(() => {
    const launches = bind(load, subject);
    const { reason, relativeError } = verify(load, launches[0]!);
    if (reason !== undefined) return { kind: 'wrong', reason, relativeError };
    const run = (set: number) => launches[set]!.run();
    return { kind: 'ok', relativeError, measurement: measure(run, sampling(load, stopping)) };
  });
}

/** Times kernels and the copy in turn. */
export function runFinal(load: Workload, { subjects, stopping }: FinalRequest): Final | Failure {
  return orFailure(() => {
    const runs = subjects.map((subject) => {
      const launches = bind(load, subject);
      return (set: number) => launches[set]!.run();
    });
    const copies = yardstick(load.device, load.problem, load.sets);
    const all = measureInterleaved([...runs, (set) => copies[set]!()], sampling(load, stopping));
    return { kind: 'final', measurements: all.slice(0, -1), copy: all.at(-1)! };
  });
}

function orFailure<T>(action: () => T): T | Failure {
  try {
    return action();
  } catch (error) {
    if (error instanceof DeviceError) return { kind: 'failed', reason: error.message };
    throw error;
  }
}

function bind({ problem, device, parameters, sets }: Workload, { kernel, path }: Subject): Launch[] {
  const prepared = device.loadBinary(problem, path, kernel).prepare(parameters);
  return sets.map((buffers) => prepared.bind(buffers));
}

function verify({ sets, reference, images }: Workload, launch: Launch) {
  const { output } = sets[0]!;
  output.fill(Number.NaN);
  launch.run();
  return verdict(output, reference, images);
}

function sampling({ sets }: Workload, stopping: StoppingRule): Sampling {
  return { clock: monotonicClock, warmup: stopping.budget / 10, stopping, sets: sets.length };
}
