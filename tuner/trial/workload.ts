import { parseProblemName } from '../../generator/name.js';
import { floorBytes, inputElements, outputElements, type Problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import type { Parameters } from '../../runtime/convolution.js';
import { type CpuDevice, openCpu } from '../../runtime/cpu.js';
import { shape } from '../../runtime/shape.js';
import { tensor } from '../../runtime/tensor.js';
import { mulberry32, type Random } from '../random.js';
import type { Setup } from './protocol.js';
import type { Buffers } from './yardstick.js';

/** A problem with everything that its trials share: inputs, weights, the reference, and buffers in rotation. */
export interface Workload {
  readonly problem: Problem;
  readonly device: CpuDevice;
  readonly parameters: Parameters;
  /** Sets of buffers with equal inputs. */
  readonly sets: readonly Buffers[];
  /** float64, of the first images. */
  readonly reference: Float64Array;
  /** Images that the reference covers; the inputs repeat them through the batch. */
  readonly images: number;
}

/**
 * Sets of buffers together exceed the last-level caches, so that each run finds its input in memory; those of a layer
 * below a few MiB do not, and it is timed in part from the cache, as it runs in a network.
 */
const ROTATED_BYTES = 128 << 20;
const MOST_SETS = 16;
/** The reference costs as much as many runs; the second image shows whether images are told apart. */
const VERIFIED_IMAGES = 2;

export function workload({ problem: name, isa, threads, seed }: Setup): Workload {
  const problem = parseProblemName(name);
  const device = openCpu({ isa, threads });
  const random = mulberry32(seed);
  const { channels, kernel } = problem;
  const parameters = {
    weight: fill(new Float32Array(channels * kernel), random),
    bias: fill(new Float32Array(channels), random),
  };
  const images = Math.min(problem.batch, VERIFIED_IMAGES);
  const first = fill(new Float32Array((inputElements(problem) / problem.batch) * images), random);
  const count = Math.min(MOST_SETS, Math.max(2, Math.ceil(ROTATED_BYTES / floorBytes(problem))));
  const sets = Array.from({ length: count }, () => ({
    input: repeated(tensor(inputElements(problem)), first),
    output: tensor(outputElements(problem)),
  }));
  const reference = referenceOf(problem, parameters, first, images);
  return { problem, device, parameters, sets, reference, images };
}

function fill(array: Float32Array, random: Random): Float32Array {
  return array.map(() => 2 * random() - 1);
}

function repeated(array: Float32Array, part: Float32Array): Float32Array {
  for (let at = 0; at < array.length; at += part.length)
    array.set(part.subarray(0, Math.min(part.length, array.length - at)), at);
  return array;
}

function referenceOf(
  problem: Problem,
  { weight, bias }: Parameters,
  input: Float32Array,
  images: number,
): Float64Array {
  const output = new Float64Array((outputElements(problem) / problem.batch) * images);
  addon().reference(shape(problem), weight, bias ?? null, false, input, output, images);
  return output;
}
