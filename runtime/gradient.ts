import type { Problem } from '../generator/problem.js';
import { addon, type NativePool } from './addon.js';
import { arrayOverlap } from './apart.js';
import { convolution } from './convolution.js';
import type { Binary } from './dispatch.js';
import {
  type BinaryPair,
  backwardParts,
  type GradientBinary,
  type GradientOrigin,
} from './gradient_dispatch.js';
import {
  type CheckedTensors,
  checkedTensors,
  checkedWeight,
  type GradientParameters,
  type Gradients,
  type GradientTensors,
  outputsOf,
} from './gradient_tensors.js';
import { inOrder, type Launch, launchOf } from './launch.js';
import { openBinary } from './open_binary.js';
import { shape } from './shape.js';
import { requireFloats } from './tensor.js';

export type GradientBindings = GradientTensors<Float32Array>;

/** Arguments of a single call. Outputs are allocated unless given. */
export type GradientArguments = GradientParameters &
  Pick<GradientBindings, 'input' | 'grad' | 'batch'> &
  Partial<Gradients>;

/**
 * wgrad or backward, ready for a problem: the gradients of weights dw [C,K] and bias db [C], where weights that fold on
 * one pixel have equal ones, and for backward dx as well. The same to the last bit on any number of threads.
 */
export interface Gradient {
  readonly kind: 'gradient';
  readonly problem: Problem;
  readonly origin: GradientOrigin;
  /** Folds and reorders the weights of backward, once for many runs; wgrad has none. @throws DeviceError */
  prepare(parameters: GradientParameters): PreparedGradient;
  /** Packs, binds and runs: for a single call. @throws DeviceError */
  run(args: GradientArguments): Gradients;
  /** The same off the JavaScript thread; leave the arrays alone until it resolves. */
  runAsync(args: GradientArguments): Promise<Gradients>;
}

/** A gradient with its weights. */
export interface PreparedGradient {
  readonly kind: 'prepared-gradient';
  /**
   * Pins all arrays, and makes a buffer for partial sums that is the launch's own.
   * @throws DeviceError if an array has another length, or an output overlaps another array
   */
  bind(bindings: GradientBindings): Launch;
}

/** Packs weights, which are checked, for kernels that are then bound to arrays, which are, too. */
type Pack = (weight: Float32Array | undefined, resid: boolean) => Bind;
type Bind = (arrays: CheckedTensors<Float32Array>) => Launch;

/** @throws DeviceError if a binary cannot be opened */
export function gradient(problem: Problem, binary: GradientBinary<Binary>, pool: NativePool): Gradient {
  const pack = 'dgrad' in binary ? pairOf(problem, binary, pool) : kernelOf(problem, binary, pool);
  const prepare = (parameters: GradientParameters) => {
    const bind = pack(checkedWeight(problem, parameters), parameters.resid ?? false);
    return Object.freeze<PreparedGradient>({
      kind: 'prepared-gradient',
      bind: (bindings) => bind(checkedTensors(problem, bindings, requireFloats, arrayOverlap)),
    });
  };
  const bound = (args: GradientArguments) => {
    const outputs = outputsOf(problem, args);
    return { outputs, launch: prepare(args).bind({ ...args, ...outputs }) };
  };
  return Object.freeze<Gradient>({
    kind: 'gradient',
    problem,
    origin: binary.origin,
    prepare,
    run(args) {
      const { outputs, launch } = bound(args);
      launch.run();
      return outputs;
    },
    async runAsync(args) {
      const { outputs, launch } = bound(args);
      await launch.runAsync();
      return outputs;
    },
  });
}

function kernelOf(problem: Problem, binary: Binary, pool: NativePool): Pack {
  const kernel = openBinary(binary, (path, symbol) => addon().gradient(path, symbol, shape(problem)));
  return (weight, resid) => {
    const weights = addon().gradientWeights(kernel, weight ?? null, resid);
    return ({ input, grad, inputGrad = null, weightGrad, biasGrad, batch }) =>
      launchOf(
        addon().gradientLaunch(weights, pool, input, grad, inputGrad, weightGrad, biasGrad, batch),
        'an array of the gradient',
      );
  };
}

/** dgrad, then wgrad. */
function pairOf(problem: Problem, binaries: BinaryPair<Binary>, pool: NativePool): Pack {
  const parts = backwardParts(problem);
  const dgrad = convolution(parts.dgrad, binaries.dgrad, pool);
  const wgrad = kernelOf(parts.wgrad, binaries.wgrad, pool);
  return (weight, resid) => {
    const first = dgrad.prepare({ weight: weight!, resid });
    const second = wgrad(undefined, false);
    return ({ inputGrad, ...arrays }) => {
      const { grad, batch } = arrays;
      return inOrder(
        [first.bind({ input: grad, output: inputGrad!, batch }), second(arrays)],
        'an array of the gradient',
      );
    };
  };
}
