import { outputElements, type Problem, problem as problemOf } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import type { Parameters } from '../../runtime/convolution.js';
import { shape } from '../../runtime/shape.js';
import { noise } from '../noise.js';
import { mulberry32 } from '../random.js';
import { parametersOf } from './parameters.js';
import { setOf, type TensorSet, tensorsOf } from './tensors.js';

/** What a kernel of a problem is given, and what it must make of that. */
export interface Operands {
  readonly parameters: Partial<Parameters>;
  /** The first images of what is read; the rest of the batch repeats them. */
  readonly read: TensorSet<Float32Array>;
  /** Of what is written, float64: the same images' part, or the sum over the whole batch. */
  readonly expected: TensorSet<Float64Array>;
  /** How many images they are. */
  readonly images: number;
}

/** Images that the reference is computed of, which costs as much as many runs; the second shows whether they are told apart. */
export const VERIFIED_IMAGES = 2;

/** @param seed decides all values */
export function operands(problem: Problem, seed: number): Operands {
  const random = mulberry32(seed);
  const parameters = parametersOf(problem, random);
  const images = Math.min(problem.batch, VERIFIED_IMAGES);
  const read = setOf(tensorsOf(problem).read, ({ elements }) =>
    noise(new Float32Array(images * elements), random),
  );
  const given = { parameters, read, images };
  return { ...given, expected: expectedOf(problem, given) };
}

/** What a kernel is given. */
export type Given = Omit<Operands, 'expected'>;

/** What a kernel must make of what it is given. */
export function expectedOf(problem: Problem, given: Given): TensorSet<Float64Array> {
  const { op } = problem;
  const { parameters, read, images } = given;
  switch (op) {
    case 'fprop':
    case 'dgrad':
      return { output: convolved(problem, parameters, read.input, images) } as TensorSet<Float64Array>;
    case 'wgrad':
      return summed(problem, given);
    case 'backward': {
      const dgrad = problemOf({ ...problem, op: 'dgrad' });
      return { ...summed(problem, given), inputGrad: convolved(dgrad, parameters, read.grad, images) };
    }
    default:
      return op satisfies never;
  }
}

function convolved(
  problem: Problem,
  { weight, bias }: Partial<Parameters>,
  input: Float32Array,
  images: number,
): Float64Array {
  const output = new Float64Array((images * outputElements(problem)) / problem.batch);
  addon().reference(shape(problem), weight!, bias ?? null, false, input, output, images);
  return output;
}

/** dw and db of the batch: those of each of the first images, as often as the batch repeats it. */
function summed(problem: Problem, { read, images }: Given): TensorSet<Float64Array> {
  const { read: reads, written } = tensorsOf(problem);
  const zeros = () => setOf(written, ({ elements }) => new Float64Array(elements));
  const [sum, one] = [zeros(), zeros()];
  for (let image = 0; image < images; image++) {
    const { input, grad } = setOf(reads, ({ name, elements }) =>
      read[name].subarray(image * elements, (image + 1) * elements),
    );
    addon().referenceGradient(shape(problem), input, grad, one.weightGrad, one.biasGrad, 1);
    const times = Math.ceil((problem.batch - image) / images);
    for (const name of ['weightGrad', 'biasGrad'] as const)
      one[name].forEach((value, at) => {
        sum[name][at]! += times * value;
      });
  }
  return sum;
}
