import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Problem } from '../generator/problem.js';
import { type CpuTarget, cpuTarget, type Isa, isasOf } from '../generator/target.js';
import { addon, type NativePool } from './addon.js';
import { type Convolution, convolution } from './convolution.js';
import { type Binary, type DispatchOptions, dispatch } from './dispatch.js';
import { DeviceError } from './errors.js';
import { type Gradient, gradient } from './gradient.js';
import { gradientDispatch } from './gradient_dispatch.js';
import { convolutionOp, gradientOp } from './operation.js';
import { requireFloats } from './tensor.js';

export interface CpuOptions {
  /** How many threads share a convolution, the caller's among them; every logical core unless given. */
  readonly threads?: number;
  /** The widest instruction set that this processor has, unless given. */
  readonly isa?: Isa;
}

/** This machine's processor: a pool of threads, and the target that its kernels are made for. */
export interface CpuDevice {
  readonly kind: 'cpu';
  readonly target: CpuTarget;
  readonly threads: number;
  /** They; for what is bound to this device. */
  readonly pool: NativePool;
  /** The best kernel for a problem, compiled at its first use. @throws DeviceError, see {@link dispatch} */
  load(problem: Problem, options?: DispatchOptions): Promise<Convolution>;
  /** A kernel that was compiled for just this problem and this processor. @throws DeviceError */
  loadBinary(problem: Problem, path: string, symbol: string): Convolution;
  /** The best kernel for wgrad or backward, or the best two for backward. @throws DeviceError, see {@link gradientDispatch} */
  loadGradient(problem: Problem, options?: DispatchOptions): Promise<Gradient>;
  /** As loadBinary, for wgrad and backward. @throws DeviceError */
  loadGradientBinary(problem: Problem, path: string, symbol: string): Gradient;
  /** Copies an array of floats on all threads, as fast as memory allows. @throws DeviceError */
  copy(destination: Float32Array, source: Float32Array): void;
}

/** @throws DeviceError if the processor lacks the instruction set, or the addon cannot be loaded */
export function openCpu({
  threads = availableParallelism(),
  isa = addon().isa(),
}: CpuOptions = {}): CpuDevice {
  requireThreads(threads);
  requireIsa(isa);
  const target = cpuTarget(isa);
  const pool = addon().pool(threads);
  return Object.freeze<CpuDevice>({
    kind: 'cpu',
    target,
    threads,
    pool,
    async load(problem, options = {}) {
      return convolution(problem, await dispatch(problem, target, options), pool);
    },
    loadBinary(problem, path, symbol) {
      convolutionOp(problem, 'CPU');
      return convolution(problem, binaryOf(path, symbol), pool);
    },
    async loadGradient(problem, options = {}) {
      return gradient(problem, await gradientDispatch(problem, target, options), pool);
    },
    loadGradientBinary(problem, path, symbol) {
      gradientOp(problem, 'CPU');
      return gradient(problem, binaryOf(path, symbol), pool);
    },
    copy(destination, source) {
      requireFloats('destination', destination, [source.length]);
      addon().copy(destination, source, pool);
    },
  });
}

function binaryOf(file: string, symbol: string): Binary {
  const path = resolve(file); // the loader looks for a bare name in the system's folders
  return { origin: { kind: 'binary', path, symbol }, path, symbol };
}

function requireThreads(threads: number): void {
  if (Number.isSafeInteger(threads) && threads >= 1 && threads <= 1024) return;
  throw new DeviceError('user', {
    code: 'threads-range',
    value: threads,
    rule: 'threads must be a whole number from 1 to 1024',
    remedy: `use for example ${availableParallelism()}, one a core`,
  });
}

function requireIsa(isa: Isa): void {
  const here = addon().isa();
  const usable = isasOf(here);
  if (usable.includes(isa)) return;
  throw new DeviceError('user', {
    code: 'isa-unavailable',
    value: isa,
    rule: `this processor runs ${usable.join(' and ')} kernels`,
    remedy: `use cpu:${here}`,
  });
}
