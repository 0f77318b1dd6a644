import { availableParallelism } from 'node:os';
import { findCompiler } from '../runtime/compiler.js';
import { findCudaCompiler } from '../runtime/cuda/compiler.js';
import { cpuRig } from '../tuner/rig/cpu_rig.js';
import { cudaRig } from '../tuner/rig/cuda_rig.js';
import type { Rig } from '../tuner/rig/rig.js';
import type { Device } from './device.js';
import { CliError } from './errors.js';

/** What tunes kernels for devices of one machine, which share its cores. @throws CliError without a compiler, DeviceError */
export async function rigsOf(devices: readonly Device[]): Promise<readonly Rig[]> {
  const width = Math.max(1, Math.floor(availableParallelism() / devices.length));
  const rigs: Rig[] = [];
  // One after the other: the first GPU puts into the cache what all of them need.
  for (const device of devices) rigs.push(await rigOf(device, width));
  return rigs;
}

/** @param width kernels for a GPU that are built side by side */
async function rigOf(device: Device, width: number): Promise<Rig> {
  switch (device.kind) {
    case 'cpu': {
      const compiler = await findCompiler();
      if (compiler) return cpuRig(device, compiler);
      throw noCxx();
    }
    case 'cuda': {
      const compiler = await findCudaCompiler();
      if (compiler) return cudaRig(device, compiler, width);
      throw noCudaCompiler();
    }
    default:
      return device satisfies never;
  }
}

function noCxx(): CliError {
  return new CliError({
    code: 'no-compiler',
    value: process.env.PATH ?? '',
    rule: 'kernels are built by a C++ compiler, and none of $CXX, g++, c++ and clang++ runs from this PATH',
    remedy: 'install one, for example `apt-get install g++`',
  });
}

function noCudaCompiler(): CliError {
  return new CliError({
    code: 'no-cuda-compiler',
    value: process.env.CUDA_HOME ?? process.env.PATH ?? '',
    rule: 'kernels for GPUs are built by NVRTC or nvcc, and neither was found',
    remedy: 'pip install nvidia-cuda-nvrtc, or set CUDA_HOME to a CUDA toolkit',
  });
}
