import { type CudaTarget, cpuTarget, parseTarget, targetName } from '../generator/target.js';
import { addon } from '../runtime/addon.js';
import { type CpuDevice, openCpu } from '../runtime/cpu.js';
import { type CudaDevice, openCuda } from '../runtime/cuda/device.js';
import { DeviceError } from '../runtime/errors.js';
import type { GradientOrigin } from '../runtime/gradient_dispatch.js';
import { CliError } from './errors.js';

/** What a convolution can run on. */
export type Device = CpuDevice | CudaDevice;

/**
 * The device that --target names.
 * @param target `cpu`, or `cpu:ISA` for narrower kernels than this processor could run; `cuda` for the first GPU
 * @param threads of a CPU
 * @throws ProblemError; CliError if this machine has no such GPU; DeviceError
 */
export function openDevice(target: 'cpu', threads?: number): CpuDevice;
export function openDevice(target: string, threads?: number): Device;
export function openDevice(target: string, threads?: number): Device {
  const asked = parseTarget(target, cpuTarget(addon().isa()));
  switch (asked.kind) {
    case 'cpu':
      return openCpu({ isa: asked.isa, ...(threads !== undefined && { threads }) });
    case 'cuda':
      return openGpu(target, asked, threads);
    default:
      return asked satisfies never;
  }
}

function openGpu(text: string, { arch }: CudaTarget, threads: number | undefined): CudaDevice {
  requireNoThreads(threads);
  const device = openGpuAt(text, 0);
  if (text === 'cuda' || arch === device.target.arch) return device;
  throw runsElsewhere(text, device);
}

/** @throws CliError: threads are a CPU's */
export function requireNoThreads(threads: number | undefined): void {
  if (threads === undefined) return;
  throw new CliError({
    code: 'threads-cuda',
    value: threads,
    rule: 'threads are those of a CPU, and the target is a GPU',
    remedy: 'leave --threads out, or use --target cpu',
  });
}

/** The GPU of a number. @param text what --target says @throws CliError if this machine has none */
export function openGpuAt(text: string, index: number): CudaDevice {
  return forTarget(text, () => openCuda({ device: index }));
}

/** What a device cannot do as the command line's own mistake. @throws CliError */
export function forTarget<T>(text: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof DeviceError)) throw cause;
    const { code, rule, remedy } = cause;
    throw new CliError({ code, value: text, rule, remedy, cause });
  }
}

export function runsElsewhere(text: string, { name, target }: CudaDevice): CliError {
  return new CliError({
    code: 'target-elsewhere',
    value: text,
    rule: `the GPU of this machine, ${name}, runs ${targetName(target)}`,
    remedy: 'use --target cuda',
  });
}

/** What a command ran on, for --json. */
export interface RanOn {
  /** With the instruction set, or the architecture: `cpu:avx512`, `cuda:sm_90`. */
  readonly target: string;
  /** Of a CPU. */
  readonly threads?: number;
  /** A GPU's name. */
  readonly device?: string;
}

export function ranOn(device: Device): RanOn {
  const target = targetName(device.target);
  return device.kind === 'cpu' ? { target, threads: device.threads } : { target, device: device.name };
}

/** `cpu:avx512, 2 threads`, `cuda:sm_90, NVIDIA H100 80GB HBM3`. */
export function whereText({ target, threads, device }: RanOn): string {
  return `${target}, ${threads === undefined ? device : threadsText(threads)}`;
}

/** `1 thread`, `2 threads`. */
export function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

/** `the general kernel on cpu:avx512, 2 threads (not in the library: ...)`: for people. */
export function described(origin: GradientOrigin, device: Device): string {
  const where = `on ${whereText(ranOn(device))}`;
  switch (origin.kind) {
    case 'library':
      return `${origin.kernel} ${where}${origin.reason === undefined ? '' : ` (${origin.reason})`}`;
    case 'untuned':
      return `${origin.kernel} ${where} (untuned; ${origin.reason})`;
    case 'general':
      return `the general kernel ${where} (${origin.reason})`;
    case 'binary':
      return `${origin.symbol} ${where}`;
    case 'pair':
      return `dgrad by ${described(origin.dgrad, device)}, then wgrad by ${described(origin.wgrad, device)}`;
    default:
      return origin satisfies never;
  }
}
