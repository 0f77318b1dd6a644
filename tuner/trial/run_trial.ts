import { DeviceError } from '../../runtime/errors.js';
import type { Sampling } from '../measure/batch.js';
import { monotonicClock } from '../measure/clock.js';
import { measureInterleaved } from '../measure/interleaved.js';
import { measure } from '../measure/sampler.js';
import type { StoppingRule } from '../measure/stopping.js';
import type { Failure, Outcome } from '../outcome.js';
import type { Final, FinalRequest, TrialRequest } from './protocol.js';
import type { Specimen, Workload } from './workload.js';

/** Verifies a kernel, then times it. */
export function runTrial(load: Workload, { subject, stopping }: TrialRequest): Outcome {
  return orFailure(load, () => {
    const specimen = load.load(subject);
    const outcome = examined(specimen, sampling(load, stopping));
    specimen.free();
    return outcome;
  });
}

function examined({ verify, timed }: Specimen, how: Sampling): Outcome {
  const { reason, relativeError } = verify();
  if (reason !== undefined) return { kind: 'wrong', reason, relativeError };
  return { kind: 'ok', relativeError, measurement: measure(timed, how) };
}

/** Times kernels and the copy in turn. */
export function runFinal(load: Workload, { subjects, incumbent, stopping }: FinalRequest): Final | Failure {
  return orFailure(load, () => {
    const specimens = subjects.map((subject) => load.load(subject));
    const kernels = specimens.map(({ timed }) => timed);
    const field = { kernels, incumbent, control: load.copy(), clocks: load.clocks };
    const how = sampling(load, stopping);
    const warmup = how.warmup / (kernels.length + 1); // of all together
    const { kernels: measurements, control, ...told } = measureInterleaved(field, { ...how, warmup });
    for (const { free } of specimens) free();
    const resources = specimens.map((specimen) => specimen.resources);
    return { kind: 'final', measurements, resources, copy: control, ...told };
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
