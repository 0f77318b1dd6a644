import type { Op } from '../../generator/problem.js';
import type { TensorSet } from '../../tuner/trial/tensors.js';

/** A set of a cell's tensors: all that its operations and steps read and write, weights aside. */
export interface CellTensors<T> {
  readonly x: T;
  readonly y: T;
  /** Noise, for operations alone. */
  readonly dy: T;
  /** The gradient of the mean, for steps. */
  readonly meanGrad: T;
  readonly dx: T;
  /** [C,K]. */
  readonly dw: T;
  /** [C]. */
  readonly db: T;
}

/** The names of those that hold images, each as large as x. */
export const IMAGES = [
  'x',
  'y',
  'dy',
  'meanGrad',
  'dx',
] as const satisfies readonly (keyof CellTensors<never>)[];

/** What an operation's launches are bound to. */
export function tensorsFor<T>(op: Op, { x, y, dy, dx, dw, db }: CellTensors<T>): TensorSet<T> {
  const sums = { weightGrad: dw, biasGrad: db };
  const sets: Readonly<Record<Op, Partial<TensorSet<T>>>> = {
    fprop: { input: x, output: y },
    dgrad: { input: dy, output: dx },
    wgrad: { input: x, grad: dy, ...sums },
    backward: { input: x, grad: dy, inputGrad: dx, ...sums },
  };
  return sets[op] as TensorSet<T>;
}

/** The same of a step, whose dy is the gradient of the mean. */
export function stepTensors<T>(set: CellTensors<T>): CellTensors<T> {
  return { ...set, dy: set.meanGrad };
}
