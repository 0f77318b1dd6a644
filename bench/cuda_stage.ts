import type { Problem } from '../generator/problem.js';
import type { CudaDevice } from '../runtime/cuda/device.js';
import type { CudaLaunch } from '../runtime/cuda/launch.js';
import type { Freeable } from '../runtime/cuda/lend.js';
import type { CudaTensor } from '../runtime/cuda/tensor.js';
import { noise } from '../tuner/noise.js';
import { mulberry32 } from '../tuner/random.js';
import { loadOnCuda } from '../tuner/trial/cuda_kernel.js';
import { cudaCopies, cudaSets, fillSets, setCount } from '../tuner/trial/cuda_sets.js';
import { lengthOf, setOf, type TensorSet, tensorsOf } from '../tuner/trial/tensors.js';
import { parametersOf } from './parameters.js';
import type { Sampler } from './rounds.js';
import type { Cache, Stage } from './stage.js';

/** Of a sample, in microseconds: what starts and ends a graph costs a few. */
const SHORTEST = 2000;
/** Of the free memory; a peer has the rest. */
const SHARE = 0.4;
/** Floats of noise, over and over: more take longer to make than all the timing. */
const PATTERN = 1 << 22;

/** Kernels and copies are graphs of one launch on each set, so that each launch finds its input in memory, not in the L2. */
export function cudaStage(device: CudaDevice, shape: Problem, cache: Cache): Stage {
  const owned: Freeable[] = [];
  const tensor = (floats: number) => {
    const made = device.tensor(floats);
    owned.push(made);
    return made;
  };
  const sets = rotation(device, shape, cache, tensor);
  return {
    sets: sets.length,
    load(contestant) {
      const { problem } = contestant;
      const loaded = loadOnCuda(device, problem, contestant, parametersOf(problem));
      owned.push(loaded);
      const launches = sets.map((set) => loaded.bind(set));
      return { sample: mean(device, launches), resources: loaded.kernel };
    },
    copy: () => mean(device, cudaCopies(device, shape, sets, tensor)),
    close() {
      for (const one of owned) one.free();
    },
  };
}

function rotation(
  device: CudaDevice,
  shape: Problem,
  cache: Cache,
  tensor: CudaDevice['tensor'],
): readonly TensorSet<CudaTensor>[] {
  const count = cache === 'warm' ? 1 : setCount(shape, device.l2Bytes, SHARE * device.memory().freeBytes);
  const sets = cudaSets({ tensor }, shape, count);
  const random = mulberry32(1);
  const values = setOf(tensorsOf(shape).read, (use) =>
    noise(new Float32Array(Math.min(lengthOf(use), PATTERN)), random),
  );
  fillSets(device, shape, sets, values);
  return sets;
}

/** Mean time of one launch, by the device's clock: as many turns as a sample needs, which the first one tells. */
export function mean(device: CudaDevice, launches: readonly CudaLaunch[]): Sampler {
  const { time } = device.graph(launches);
  let turns: number | undefined;
  return () => {
    turns ??= Math.max(1, Math.ceil(SHORTEST / (time(1) * launches.length)));
    return time(turns);
  };
}
