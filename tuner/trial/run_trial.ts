import type { Launch } from '../../runtime/convolution.js';
import { DeviceError } from '../../runtime/errors.js';
import type { Sampling } from '../measure/batch.js';
import { monotonicClock } from '../measure/clock.js';
import { measureInterleaved } from '../measure/interleaved.js';
import { measure } from '../measure/sampler.js';
import type { StoppingRule } from '../measure/stopping.js';
import type { Outcome } from '../outcome.js';
import type { Final, FinalRequest, Subject, TrialRequest } from './protocol.js';
import { verdict } from './verify.js';
import type { Workload } from './workload.js';

/** Verifies a kernel, then times it. */
export function runTrial(load: Workload, { subject, stopping }: TrialRequest): Outcome {
  try {
    const launches = bind(load, subject);
    const { reason, relativeError } = verify(load, launches[0]!);
    if (reason !== undefined) return { kind: 'wrong', reason, relativeError };
    const run = (set: number) => launches[set]!.run();
    return { kind: 'ok', relativeError, measurement: measure(run, sampling(load, stopping)) };
  } catch (error) {
    if (error instanceof DeviceError) return { kind: 'failed', reason: error.message };
    throw error;
  }
}

/** Times kernels and the copy in turn. */
export function runFinal(load: Workload, { subjects, stopping }: FinalRequest): Final {
  const runs = subjects.map((subject) => {
    const launches = bind(load, subject);
    return (set: number) => launches[set]!.run();
  });
  const copies = load.sets.map(({ input, output }) => copyHalves(load, input, output));
  const all = measureInterleaved([...runs, (set) => copies[set]!()], sampling(load, stopping));
  return { measurements: all.slice(0, -1), copy: all.at(-1)! };
}

function bind({ problem, device, parameters, sets }: Workload, { kernel, path }: Subject): Launch[] {
  const prepared = device.loadBinary(problem, path, kernel).prepare(parameters);
  return sets.map((buffers) => prepared.bind(buffers));
}

function verify({ sets, reference }: Workload, launch: Launch) {
  const { output } = sets[0]!;
  output.fill(Number.NaN);
  launch.run();
  return verdict(output, reference);
}

/** A copy that moves as many bytes as the problem: where the output is smaller, as much of the input as fits. */
function copyHalves({ device }: Workload, input: Float32Array, output: Float32Array): () => void {
  const length = Math.min(input.length, output.length);
  const [from, to] = [input.subarray(0, length), output.subarray(0, length)];
  return () => device.copy(to, from);
}

function sampling({ sets }: Workload, stopping: StoppingRule): Sampling {
  return { clock: monotonicClock, warmup: stopping.budget / 10, stopping, sets: sets.length };
}
