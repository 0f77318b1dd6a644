import { inputElements, outputElements, type Problem, weightsOf } from '../../generator/problem.js';

/** What a launch is bound to by that name. */
export type TensorName = 'input' | 'grad' | 'output' | 'inputGrad' | 'weightGrad' | 'biasGrad';

/** One for each tensor of a problem, and none under the other names: what the problem's launches are bound to. */
export type TensorSet<T> = Readonly<Record<TensorName, T>>;

/** A tensor that a problem's kernels read or write. */
export interface TensorUse {
  readonly name: TensorName;
  /** What messages call it. */
  readonly symbol: string;
  /** Whether it is a sum over the batch, of which there is one. */
  readonly isSum: boolean;
  /** Of one image, or of the sum. */
  readonly elements: number;
  /** The batch, or 1. */
  readonly images: number;
}

/** A problem's tensors, weights and bias aside. */
export interface Tensors {
  readonly read: readonly TensorUse[];
  readonly written: readonly TensorUse[];
}

export function tensorsOf(problem: Problem): Tensors {
  const { op, batch, channels } = problem;
  const images = (name: TensorName, symbol: string, elements: number): TensorUse =>
    Object.freeze({ name, symbol, isSum: false, elements: elements / batch, images: batch });
  const sum = (name: TensorName, symbol: string, elements: number): TensorUse =>
    Object.freeze({ name, symbol, isSum: true, elements, images: 1 });
  const [inputs, outputs] = [inputElements(problem), outputElements(problem)];
  const both = [images('input', 'x', inputs), images('grad', 'dy', outputs)];
  const sums = [sum('weightGrad', 'dw', channels * weightsOf(problem)), sum('biasGrad', 'db', channels)];
  switch (op) {
    case 'fprop':
      return { read: [images('input', 'x', inputs)], written: [images('output', 'y', outputs)] };
    case 'dgrad':
      return { read: [images('input', 'dy', inputs)], written: [images('output', 'dx', outputs)] };
    case 'wgrad':
      return { read: both, written: sums };
    case 'backward':
      return { read: both, written: [images('inputGrad', 'dx', inputs), ...sums] };
    default:
      return op satisfies never;
  }
}

/** Of all images. */
export function lengthOf({ elements, images }: TensorUse): number {
  return elements * images;
}

/** Makes something for each of these tensors. */
export function setOf<T>(uses: readonly TensorUse[], make: (use: TensorUse) => T): TensorSet<T> {
  return Object.freeze(Object.fromEntries(uses.map((use) => [use.name, make(use)]))) as TensorSet<T>;
}

/** Bytes of one set of a problem's tensors. */
export function setBytes(problem: Problem): number {
  const { read, written } = tensorsOf(problem);
  const floats = [...read, ...written].reduce((sum, use) => sum + lengthOf(use), 0);
  return floats * Float32Array.BYTES_PER_ELEMENT;
}
