import { cpuTarget, isasOf } from '../generator/target.js';
import { findCompiler } from '../runtime/compiler.js';
import { findCudaCompiler } from '../runtime/cuda/compiler.js';
import { type CudaDevice, cudaDeviceCount, openCuda } from '../runtime/cuda/device.js';
import { DeviceError } from '../runtime/errors.js';
import { machine } from '../runtime/machine.js';
import { cpuToolchain, cudaToolchain } from '../tuner/rig/toolchains.js';
import type { Place } from '../tuner/staleness.js';

/**
 * What this machine would use a winner with: its processor, with each instruction set, and its GPUs.
 * @param gpus whether GPUs are looked at, which takes a moment
 * @throws DeviceError
 */
export async function placesHere({ gpus }: { readonly gpus: boolean }): Promise<readonly Place[]> {
  return [...(await processorPlaces()), ...(gpus ? await gpuPlaces() : [])];
}

async function processorPlaces(): Promise<readonly Place[]> {
  const compiler = await findCompiler();
  const { name, isa: widest } = machine();
  return isasOf(widest).map((isa) => ({
    machine: name,
    target: cpuTarget(isa),
    toolchain: compiler && cpuToolchain(compiler, isa),
  }));
}

async function gpuPlaces(): Promise<readonly Place[]> {
  const compiler = await findCudaCompiler();
  return gpusHere().map(({ name, target, driver }) => ({
    machine: name,
    target,
    toolchain: compiler && cudaToolchain(compiler, driver, target.arch),
  }));
}

/** This machine's GPUs; none where CUDA does not run. */
export function gpusHere(): readonly CudaDevice[] {
  try {
    return Array.from({ length: cudaDeviceCount() }, (_, device) => openCuda({ device }));
  } catch (error) {
    if (error instanceof DeviceError) return [];
    throw error;
  }
}
