import type { Problem } from '../../generator/problem.js';
import { type CudaDevice, openCuda } from '../../runtime/cuda/device.js';
import type { CudaLaunch } from '../../runtime/cuda/launch.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';
import type { Timed } from '../measure/batch.js';
import { loadOnCuda } from './cuda_kernel.js';
import { cudaCopies, cudaSets, fillSets, setCount } from './cuda_sets.js';
import { type CudaVerifier, cudaVerifier } from './cuda_verifier.js';
import type { Operands } from './operands.js';
import type { CudaPlace } from './protocol.js';
import type { TensorSet } from './tensors.js';
import type { Workload } from './workload.js';

/** Events tick in half microseconds, and what starts and ends a graph costs a few: a millisecond keeps both below a percent. */
const SHORTEST = 1000;

/** @throws DeviceError if there is no such GPU, or not enough memory on it */
export function cudaWorkload(problem: Problem, place: CudaPlace, given: Operands): Workload {
  const device = openCuda({ device: place.device });
  const sets = buffers(device, problem, given);
  const verify: CudaVerifier = cudaVerifier(device, place.inspection, problem, given);
  let copies: readonly CudaLaunch[] | undefined;
  return {
    shortest: SHORTEST,
    load(subject) {
      const { kernel: resources, bind, free } = loadOnCuda(device, problem, subject, given.parameters);
      const launches = sets.map((set) => bind(set));
      return {
        timed: timed(device, launches),
        resources,
        verify: () => verify((set) => launches[set]!.run(), sets),
        free,
      };
    },
    copy() {
      copies ??= cudaCopies(device, problem, sets, device.tensor);
      return timed(device, copies);
    },
    clocks: device.clocks,
    lost() {
      try {
        device.synchronize();
        return false;
      } catch {
        return true;
      }
    },
  };
}

/** Sets of tensors with equal inputs. */
function buffers(device: CudaDevice, problem: Problem, { read }: Operands): readonly TensorSet<CudaTensor>[] {
  const count = setCount(problem, device.l2Bytes, device.memory().freeBytes);
  const sets = cudaSets(device, problem, count);
  fillSets(device, problem, sets, read);
  return sets;
}

function timed(device: CudaDevice, launches: readonly CudaLaunch[]): Timed {
  const { time } = device.graph(launches);
  return { runs: launches.length, time };
}
