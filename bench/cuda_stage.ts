import { inputElements, outputElements, type Problem } from '../generator/problem.js';
import type { CudaDevice } from '../runtime/cuda/device.js';
import type { CudaLaunch } from '../runtime/cuda/launch.js';
import type { CudaPrepared } from '../runtime/cuda/prepared.js';
import type { CudaTensor } from '../runtime/cuda/tensor.js';
import { noise } from '../tuner/noise.js';
import { mulberry32 } from '../tuner/random.js';
import { setCount } from '../tuner/trial/cuda_workload.js';
import { copiedFloats } from '../tuner/trial/yardstick.js';
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
  const sets = buffers(device, shape, cache);
  const floats = copiedFloats(shape);
  const short = sets[0]!.output.length < floats;
  // With a stride the output is too short for what the copy moves.
  const longer = short ? sets.map(() => device.tensor(floats)) : [];
  const weights: CudaPrepared[] = [];
  return {
    sets: sets.length,
    load({ problem, kernel, path, launch }) {
      const convolution = device.loadBinary(problem, path, launch!, kernel); // every CUDA kernel's source has a plan
      const prepared = convolution.prepare(parametersOf(problem));
      weights.push(prepared);
      const launches = sets.map((set) => prepared.bind(set));
      return { sample: mean(device, launches), resources: convolution.kernel };
    },
    copy: () =>
      mean(
        device,
        sets.map(({ input, output }, i) => device.copy(longer[i] ?? output, input, floats)),
      ),
    close() {
      const tensors = sets.flatMap(({ input, output }) => [input, output]);
      for (const one of [...tensors, ...longer, ...weights]) one.free();
    },
  };
}

function buffers(
  device: CudaDevice,
  shape: Problem,
  cache: Cache,
): readonly { input: CudaTensor; output: CudaTensor }[] {
  const [inputs, outputs] = [inputElements(shape), outputElements(shape)];
  const count = cache === 'warm' ? 1 : setCount(shape, device.l2Bytes, SHARE * device.memory().freeBytes);
  const values = noise(new Float32Array(Math.min(inputs, PATTERN)), mulberry32(1));
  return Array.from({ length: count }, () => {
    const input = device.tensor(inputs);
    for (let at = 0; at < inputs; at += PATTERN)
      device.upload(input, values.subarray(0, Math.min(PATTERN, inputs - at)), at);
    return { input, output: device.tensor(outputs) };
  });
}

/** As many turns as a sample needs, which the first one tells. */
function mean(device: CudaDevice, launches: readonly CudaLaunch[]): Sampler {
  const { time } = device.graph(launches);
  let turns: number | undefined;
  return () => {
    turns ??= Math.max(1, Math.ceil(SHORTEST / (time(1) * launches.length)));
    return time(turns);
  };
}
