import { findCompiler } from '../runtime/compiler.js';
import { findCudaCompiler } from '../runtime/cuda/compiler.js';
import { cpuRig } from '../tuner/rig/cpu_rig.js';
import { cudaRig } from '../tuner/rig/cuda_rig.js';
import type { Rig } from '../tuner/rig/rig.js';
import type { Device } from './device.js';
import { CliError } from './errors.js';

/** What tunes kernels for a device. @throws CliError without a compiler for it, DeviceError */
export async function rigOf(device: Device): Promise<Rig> {
  switch (device.kind) {
    case 'cpu': {
      const compiler = await findCompiler();
      if (compiler) return cpuRig(device, compiler);
      throw noCxx();
    }
    case 'cuda': {
      const compiler = await findCudaCompiler();
      if (compiler) return cudaRig(device, compiler);
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
