import { type Problem, weightsOf } from '../generator/problem.js';
import { requireApart } from './apart.js';
import { batchOf } from './convolution.js';
import { DeviceError } from './errors.js';
import { requireGiven } from './given.js';
import { inputDimensions, outputDimensions, requireFloats, size } from './tensor.js';

/** What a gradient is bound to: arrays, or tensors of a GPU. */
export interface GradientTensors<T> {
  /** x: [N,C,H,W] or [N,H,W,C], as the problem's layout says. */
  readonly input: T;
  /** dy, as the output is of fprop: [N,C,ceil(H/s),ceil(W/s)] or [N,ceil(H/s),ceil(W/s),C]. */
  readonly grad: T;
  /** dx, as the input; of backward only. */
  readonly inputGrad?: T;
  /** dw: [C,K], or [C,K*K] of square filters. */
  readonly weightGrad: T;
  /** db, [C]. */
  readonly biasGrad: T;
  /** The problem's own unless given: one kernel serves every batch. */
  readonly batch?: number;
}

/** The same, checked. */
export interface CheckedTensors<T> extends GradientTensors<T> {
  readonly batch: number;
}

/** What backward is made of, beside its tensors. */
export interface GradientParameters {
  /** [C,K], or [C,K*K] of square filters; of backward only, since the gradients that wgrad writes do not depend on it. */
  readonly weight?: Float32Array;
  /** Whether 1 was added to the centre tap; it changes nothing but dx. */
  readonly resid?: boolean;
}

/** What a gradient writes, by name. */
export type Gradients = Pick<GradientTensors<Float32Array>, 'inputGrad' | 'weightGrad' | 'biasGrad'>;

/** Of what a gradient of a batch reads, and of what it writes. */
function dimensionsOf(problem: Problem, batch: number) {
  const { op, channels } = problem;
  const input = inputDimensions(problem, batch);
  const written = { weightGrad: [channels, weightsOf(problem)], biasGrad: [channels] };
  return {
    read: { input, grad: outputDimensions(problem, batch) },
    written: op === 'backward' ? { inputGrad: input, ...written } : written,
  };
}

/**
 * @param requireTensor throws unless a tensor has as many elements as its dimensions say
 * @param overlap tells how two tensors share memory, if they do
 * @throws DeviceError if one has another length, wgrad is given an inputGrad, or an output lies over another tensor
 */
export function checkedTensors<T>(
  problem: Problem,
  tensors: GradientTensors<T>,
  requireTensor: (what: string, value: unknown, dims: readonly number[]) => void,
  overlap: (one: T, other: T) => string | undefined,
): CheckedTensors<T> {
  const batch = batchOf(problem, tensors);
  const { read, written } = dimensionsOf(problem, batch);
  if (problem.op === 'wgrad') refuse('inputGrad', tensors.inputGrad);
  const checked = (dims: object) =>
    Object.fromEntries(
      Object.entries(dims).map(([name, its]) => {
        const tensor = tensors[name as keyof typeof tensors] as T;
        requireTensor(name, tensor, its);
        return [name, tensor];
      }),
    );
  const [inputs, outputs] = [checked(read), checked(written)];
  requireApart(inputs, outputs, overlap);
  return { ...inputs, ...outputs, batch } as unknown as CheckedTensors<T>;
}

/** Weights of backward, or nothing for wgrad. @throws DeviceError if they are missing, misplaced or of another length */
export function checkedWeight(problem: Problem, parameters: GradientParameters): Float32Array | undefined {
  requireGiven(problem, parameters);
  const { weight } = parameters;
  if (problem.op === 'wgrad') refuse('weight', weight);
  else requireFloats('weight', weight, [problem.channels, weightsOf(problem)]);
  return weight;
}

/** The outputs of a single call: those that are given, and new arrays for the others. */
export function outputsOf(
  problem: Problem,
  args: Partial<Gradients> & { readonly batch?: number },
): Gradients {
  const { written } = dimensionsOf(problem, batchOf(problem, args));
  return Object.fromEntries(
    Object.entries(written).map(([name, dims]) => [
      name,
      args[name as keyof Gradients] ?? new Float32Array(size(dims)),
    ]),
  ) as unknown as Gradients;
}

function refuse(what: string, value: unknown): void {
  if (value === undefined) return;
  throw new DeviceError('user', {
    code: `${what}-wgrad`,
    value: what,
    rule: 'wgrad takes no weights and writes no gradient of the input',
    remedy: `leave ${what} out, or use op backward`,
  });
}
