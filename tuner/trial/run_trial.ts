import { DeviceError } from '../../runtime/errors.js';
import type { Sampling } from '../measure/batch.js';
import { monotonicClock } from '../measure/clock.js';
import { measureInterleaved } from '../measure/interleaved.js';
import { measure } from '../measure/sampler.js';
import type { StoppingRule } from '../measure/stopping.js';
import type { Failure, Outcome } from '../outcome.js';
import type { Final, FinalRequest, TrialRequest } from './protocol.js';
import type { Workload } from './workload.js';

/** Verifies a kernel, then times it. */
export function runTrial(load: Workload, { subject, stopping }: TrialRequest): Outcome {
  return orFailure(load, () => {
    const { timed, verify } = load.load(subject);
    const { reason, relativeError } = verify();
    if (reason !== undefined) return { kind: 'wrong', reason, relativeError };
    return { kind: 'ok', relativeError, measurement: measure(timed, sampling(load, stopping)) };
  });
}

/** Times kernels and the copy in turn. */
export function runFinal(load: Workload, { subjects, stopping }: FinalRequest): Final | Failure {
  return orFailure(load, () => {
    const kernels = subjects.map((subject) => load.load(subject).timed);
    const all = measureInterleaved([...kernels, load.copy()], sampling(load, stopping));
    return { kind: 'final', measurements: all.slice(0, -1), copy: all.at(-1)! };
  });
}

/** What a device refuses is the kernel's failure, unless it had no memory left for anything. */
function orFailure<T>(load: Workload, action: () => T): T | Failure {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code === 'cuda-memory') throw error;
    return { kind: load.lost() ? 'crashed' : 'failed', reason: error.message };
  }
}

function sampling({ shortest }: Workload, stopping: StoppingRule): Sampling {
  return { clock: monotonicClock, warmup: stopping.budget / 10, shortest, stopping };
}
