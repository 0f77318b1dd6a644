import { floorBytes, inputElements, outputElements, type Problem } from '../../generator/problem.js';
import { type CudaDevice, openCuda } from '../../runtime/cuda/device.js';
import type { CudaLaunch } from '../../runtime/cuda/launch.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';
import type { Timed } from '../measure/batch.js';
import { inspector } from './inspection.js';
import type { Operands } from './operands.js';
import type { CudaPlace } from './protocol.js';
import { judge, type Verdict } from './verify.js';
import type { Workload } from './workload.js';
import { copiedFloats } from './yardstick.js';

interface CudaBuffers {
  readonly input: CudaTensor;
  readonly output: CudaTensor;
}

/**
 * Sets of buffers together exceed the L2 twice over, so that each run finds its input in memory; those of the smallest
 * layers do not, and they are timed in part from the L2, as they run in a network.
 */
const L2_SIZES = 2;
const LEAST_SETS = 2;
const MOST_SETS = 16;
/** Of the device's free memory; the rest is for weights, for copies and for the kernels themselves. */
const SHARE = 0.8;
/** Events tick in half microseconds, and what starts and ends a graph costs a few: a millisecond keeps both below a percent. */
const SHORTEST = 1000;

/** @throws DeviceError if there is no such GPU, or not enough memory on it */
export function cudaWorkload(problem: Problem, place: CudaPlace, given: Operands): Workload {
  const device = openCuda({ device: place.device });
  const sets = buffers(device, problem, given);
  const verify = verifier(device, place, given);
  return {
    shortest: SHORTEST,
    load({ kernel, path, launch }) {
      const plan = launch!; // every CUDA kernel's source has one
      const prepared = device.loadBinary(problem, path, plan, kernel).prepare(given.parameters);
      const launches = sets.map((set) => prepared.bind(set));
      return { timed: timed(device, launches), verify: () => verify(launches, sets) };
    },
    copy: () => timed(device, copies(device, problem, sets)),
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

/** Sets of buffers with equal inputs. */
function buffers(device: CudaDevice, problem: Problem, { input: first }: Operands): readonly CudaBuffers[] {
  const { l2Bytes } = device;
  const length = inputElements(problem);
  const sets = Array.from({ length: setCount(problem, l2Bytes, device.memory().freeBytes) }, () => ({
    input: device.tensor(length),
    output: device.tensor(outputElements(problem)),
  }));
  const { input } = sets[0]!;
  for (let at = 0; at < length; at += first.length)
    device.upload(input, first.subarray(0, Math.min(first.length, length - at)), at);
  for (const other of sets.slice(1)) device.copy(other.input, input).run();
  return sets;
}

/** How many sets of buffers take turns: one where memory does not hold two. */
export function setCount(problem: Problem, l2Bytes: number, freeBytes: number): number {
  const bytes = floorBytes(problem);
  const wanted = Math.min(MOST_SETS, Math.max(LEAST_SETS, Math.ceil((L2_SIZES * l2Bytes) / bytes)));
  return Math.max(1, Math.min(wanted, Math.floor((SHARE * freeBytes) / bytes)));
}

function timed(device: CudaDevice, launches: readonly CudaLaunch[]): Timed {
  const { time } = device.graph(launches);
  return { runs: launches.length, time };
}

/** As yardstick.ts makes them of arrays. */
function copies(device: CudaDevice, problem: Problem, sets: readonly CudaBuffers[]): readonly CudaLaunch[] {
  const floats = copiedFloats(problem);
  return sets.map(({ input, output }) =>
    device.copy(output.length < floats ? device.tensor(floats) : output, input, floats),
  );
}

/**
 * Verifies a kernel on the device: only the first images travel to the host, where they are held against the reference.
 * A second run, on other buffers where there are any, must give the same bits.
 */
function verifier(device: CudaDevice, { inspection }: CudaPlace, { reference, images }: Operands) {
  const elements = reference.length / images;
  const inspect = inspector(device, inspection, elements);
  const first = device.tensor(reference.length);
  const host = new Float32Array(reference.length);
  return (launches: readonly CudaLaunch[], sets: readonly CudaBuffers[]): Verdict => {
    const run = (set: number) => {
      const { output } = sets[set]!;
      device.fill(output, Number.NaN).run();
      launches[set]!.run();
      return output;
    };
    const output = run(0);
    device.download(output, host);
    device.copy(first, output, first.length).run();
    const found = judge(host, reference, images, inspect(output, first));
    if (found.reason !== undefined) return found;
    const { unequal } = inspect(run(sets.length - 1), first);
    if (unequal === undefined) return found;
    return { ...found, reason: `a second run of the same input gave other bits, first in image ${unequal}` };
  };
}
