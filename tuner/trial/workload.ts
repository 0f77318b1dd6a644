import { parseProblemName } from '../../generator/name.js';
import { inputElements, outputElements, type Problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import type { Parameters } from '../../runtime/convolution.js';
import { type CpuDevice, openCpu } from '../../runtime/cpu.js';
import { shape } from '../../runtime/shape.js';
import { tensor } from '../../runtime/tensor.js';
import { mulberry32 } from '../random.js';
import type { Setup } from './protocol.js';

export interface Buffers {
  readonly input: Float32Array;
  readonly output: Float32Array;
}

/** A problem with everything that its trials share: inputs, weights, the reference, and buffers in rotation. */
export interface Workload {
  readonly problem: Problem;
  readonly device: CpuDevice;
  readonly parameters: Parameters;
  /** Sets of buffers with equal inputs. */
  readonly sets: readonly Buffers[];
  /** float64, of the first images. */
  readonly reference: Float64Array;
}

/** Sets of buffers together exceed the last-level caches, so that each run finds its input in memory. */
const ROTATED_BYTES = 128 << 20;
const MOST_SETS = 16;
/** The reference costs as much as many runs; the second image shows whether images are told apart. */
const VERIFIED_IMAGES = 2;

export function workload({ problem: name, isa, threads, seed }: Setup): Workload {
  const problem = parseProblemName(name);
  const device = openCpu({ isa, threads });
  const random = mulberry32(seed);
  const noise = (array: Float32Array) => array.map(() => 2 * random() - 1);
  const { channels, kernel } = problem;
  const weight = noise(new Float32Array(channels * kernel));
  const bias = noise(new Float32Array(channels));
  const bytes = 4 * (inputElements(problem) + outputElements(problem));
  const count = Math.min(MOST_SETS, Math.max(2, Math.ceil(ROTATED_BYTES / bytes)));
  const sets = Array.from({ length: count }, () => ({
    input: tensor(inputElements(problem)),
    output: tensor(outputElements(problem)),
  }));
  const first = sets[0]!.input;
  for (let i = 0; i < first.length; i++) first[i] = 2 * random() - 1;
  for (const { input } of sets.slice(1)) input.set(first);
  const parameters = { weight, bias };
  return { problem, device, parameters, sets, reference: referenceOf(problem, parameters, first) };
}

function referenceOf(problem: Problem, { weight, bias }: Parameters, input: Float32Array): Float64Array {
  const images = Math.min(problem.batch, VERIFIED_IMAGES);
  const elements = (all: number) => (all / problem.batch) * images;
  const output = new Float64Array(elements(outputElements(problem)));
  const part = input.subarray(0, elements(inputElements(problem)));
  addon().reference(shape(problem), weight, bias ?? null, false, part, output, images);
  return output;
}
