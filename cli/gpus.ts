import { cpuTarget, parseTarget } from '../generator/target.js';
import { addon } from '../runtime/addon.js';
import { type CudaDevice, cudaDeviceCount } from '../runtime/cuda/device.js';
import { type Device, forTarget, openDevice, openGpuAt, requireNoThreads, runsElsewhere } from './device.js';
import { CliError } from './errors.js';
import { counted } from './words.js';

export interface DeviceOptions {
  readonly target: string;
  /** Of a CPU. */
  readonly threads?: number;
  /** Numbers of GPUs, among those that CUDA_VISIBLE_DEVICES lets be seen; all unless given. */
  readonly gpus?: readonly number[];
}

/** What kernels are tuned on. */
export interface Devices {
  /** At least one; several are GPUs of one model. */
  readonly devices: readonly Device[];
  /** A line for each GPU that is of another model. */
  readonly leftOut: readonly string[];
}

/**
 * The processor, or every GPU of the model of the first one that the target is for.
 * @throws CliError if there is no such GPU, or GPUs that were named are of several models; ProblemError, DeviceError
 */
export function openDevices({ target, threads, gpus }: DeviceOptions): Devices {
  const asked = parseTarget(target, cpuTarget(addon().isa()));
  if (asked.kind === 'cpu') {
    if (gpus) throw gpusOfCpu(gpus);
    return { devices: [openDevice(target, threads)], leftOut: [] };
  }
  requireNoThreads(threads);
  const opened = numbers(target, gpus).map((index) => openGpuAt(target, index));
  const first = opened.find((gpu) => target === 'cuda' || gpu.target.arch === asked.arch);
  if (!first) throw runsElsewhere(target, opened[0]!);
  const others = opened.filter((gpu) => !isAlike(gpu, first));
  if (gpus && others.length > 0) throw unlike(gpus, first, others[0]!);
  return {
    devices: opened.filter((gpu) => isAlike(gpu, first)),
    leftOut: others.map(
      ({ index, name }) =>
        `GPU ${index}, ${name}, is left out: times of two models do not compare, and GPU ${first.index} is ${first.name}`,
    ),
  };
}

function numbers(target: string, gpus: readonly number[] | undefined): readonly number[] {
  const count = forTarget(target, cudaDeviceCount);
  // Without any, opening the first one says why.
  if (!gpus) return Array.from({ length: Math.max(1, count) }, (_, index) => index);
  const absent = gpus.find((index) => index >= count);
  if (absent === undefined) return gpus;
  throw new CliError({
    code: 'gpu-absent',
    value: absent,
    rule: `this machine shows ${counted(count, 'GPU')}, numbered from 0`,
    remedy: 'leave --gpus out to use them all, or set CUDA_VISIBLE_DEVICES to show more',
  });
}

/** Whether times taken on both compare. */
function isAlike(a: CudaDevice, b: CudaDevice): boolean {
  return a.name === b.name && a.target.arch === b.target.arch && a.multiprocessors === b.multiprocessors;
}

function unlike(gpus: readonly number[], first: CudaDevice, other: CudaDevice): CliError {
  return new CliError({
    code: 'gpus-unlike',
    value: gpus.join(','),
    rule: `times of two models do not compare, and GPU ${other.index} is ${other.name}, GPU ${first.index} ${first.name}`,
    remedy: 'name GPUs of one model, and tune for each model in a run of its own',
  });
}

function gpusOfCpu(gpus: readonly number[]): CliError {
  return new CliError({
    code: 'gpus-cpu',
    value: gpus.join(','),
    rule: '--gpus are those that --target cuda works on, and the target is a CPU',
    remedy: 'leave --gpus out, or use --target cuda',
  });
}
