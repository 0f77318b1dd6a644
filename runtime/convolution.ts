import { type Problem, weightsOf } from '../generator/problem.js';
import { computedAs, computedWeights } from '../generator/transpose.js';
import { addon, type NativeKernel, type NativePool, type NativeWeights } from './addon.js';
import { arrayOverlap, requireApart } from './apart.js';
import type { Binary, Origin } from './dispatch.js';
import { DeviceError } from './errors.js';
import { requireGiven } from './given.js';
import { type Launch, launchOf } from './launch.js';
import { openBinary } from './open_binary.js';
import { shape } from './shape.js';
import { inputDimensions, outputDimensions, requireFloats, size } from './tensor.js';

/** What a convolution is made of, beside its input. */
export interface Parameters {
  /** [C,K]. */
  readonly weight: Float32Array;
  /** [C]; not for dgrad, whose result does not depend on it. */
  readonly bias?: Float32Array;
  /** Adds the input itself: 1 to the centre tap. */
  readonly resid?: boolean;
}

export interface Bindings {
  /** [N,C,H,W] or [N,H,W,C], as the problem's layout says; for dgrad dy, as the output is of fprop. */
  readonly input: Float32Array;
  /** [N,C,ceil(H/s),ceil(W/s)] or [N,ceil(H/s),ceil(W/s),C]; for dgrad dx, as the input is of fprop. */
  readonly output: Float32Array;
  /** The problem's own unless given: one kernel serves every batch. */
  readonly batch?: number;
}

/**
 * Arguments of a single call. The output is allocated unless given, as an ordinary array that is collected at once when it
 * is dropped; one from {@link tensor} that is used again and again is faster.
 */
export type Arguments = Parameters & Omit<Bindings, 'output'> & { readonly output?: Float32Array };

/** A kernel that is ready for a problem. */
export interface Convolution {
  readonly kind: 'convolution';
  readonly problem: Problem;
  readonly origin: Origin;
  /** Folds and reorders the weights, once for many runs. @throws DeviceError */
  prepare(parameters: Parameters): Prepared;
  /** Packs, binds and runs: for a single call. @throws DeviceError */
  run(args: Arguments): Float32Array;
  /** The same off the JavaScript thread; leave the arrays alone until it resolves. */
  runAsync(args: Arguments): Promise<Float32Array>;
}

/** A convolution with its weights. */
export interface Prepared {
  readonly kind: 'prepared';
  /** Pins both arrays. @throws DeviceError if one has another length, or they overlap */
  bind(bindings: Bindings): Launch;
}

/** @throws DeviceError if the binary cannot be opened */
export function convolution(problem: Problem, binary: Binary, pool: NativePool): Convolution {
  const kernel = openBinary(binary, (path, symbol) =>
    addon().kernel(path, symbol, shape(computedAs(problem))),
  );
  const prepare = (parameters: Parameters) => prepared(problem, pack(problem, kernel, parameters), pool);
  const bind = (args: Arguments) => {
    const batch = batchOf(problem, args);
    const output = args.output ?? new Float32Array(size(outputDimensions(problem, batch)));
    return { output, launch: prepare(args).bind({ ...args, output }) };
  };
  return Object.freeze<Convolution>({
    kind: 'convolution',
    problem,
    origin: binary.origin,
    prepare,
    run(args) {
      const { output, launch } = bind(args);
      launch.run();
      return output;
    },
    async runAsync(args) {
      const { output, launch } = bind(args);
      await launch.runAsync();
      return output;
    },
  });
}

function pack(problem: Problem, kernel: NativeKernel, parameters: Parameters): NativeWeights {
  const { weight, bias, resid } = kernelParameters(problem, parameters);
  return addon().weights(kernel, weight, bias, resid);
}

/** Parameters, checked, as the kernel that computes the problem takes them. @throws DeviceError */
export function kernelParameters(problem: Problem, parameters: Parameters) {
  requireGiven(problem, parameters);
  const { weight, bias, resid = false } = parameters;
  const { op, channels } = problem;
  requireFloats('weight', weight, [channels, weightsOf(problem)]);
  if (bias) requireFloats('bias', bias, [channels]);
  if (bias && op === 'dgrad')
    throw new DeviceError('user', {
      code: 'bias-dgrad',
      value: `Float32Array(${bias.length})`,
      rule: "the gradient of a layer's input does not depend on its bias, so dgrad takes none",
      remedy: 'leave bias out',
    });
  return { weight: computedWeights(problem, weight), bias: bias ?? null, resid };
}

function prepared(problem: Problem, weights: NativeWeights, pool: NativePool): Prepared {
  return Object.freeze<Prepared>({
    kind: 'prepared',
    bind(bindings) {
      const batch = batchOf(problem, bindings);
      const { input, output } = bindings;
      requireFloats('input', input, inputDimensions(problem, batch));
      requireFloats('output', output, outputDimensions(problem, batch));
      requireApart({ input }, { output }, arrayOverlap);
      return launchOf(addon().launch(weights, pool, input, output, batch), 'input or output');
    },
  });
}

/** The batch that is asked for. @throws DeviceError, also if nothing is given at all */
export function batchOf(problem: Problem, given: { readonly batch?: number }): number {
  requireGiven(problem, given);
  const { batch = problem.batch } = given;
  if (Number.isSafeInteger(batch) && batch >= 1 && batch < 2 ** 31) return batch;
  throw new DeviceError('user', {
    code: 'batch-range',
    value: batch,
    rule: 'batch must be a whole number from 1 to 2147483647',
    remedy: 'give the number of images in the input',
  });
}
