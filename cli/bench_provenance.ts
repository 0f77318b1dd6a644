import { launchNanoseconds } from '../bench/launch.js';
import { VERSION } from '../generator/package.js';
import { targetName } from '../generator/target.js';
import { findCompiler } from '../runtime/compiler.js';
import { cudaCompilerName, findCudaCompiler } from '../runtime/cuda/compiler.js';
import { machine } from '../runtime/machine.js';
import type { Device } from './device.js';

/** What a bench's times were measured with, when and in which unit. @param torch PyTorch's version, if it was measured */
export async function provenance(device: Device, torch: string | null): Promise<object> {
  return {
    version: VERSION,
    measured: new Date().toISOString(),
    ...(await where(device)),
    torch,
    unit: 'microseconds of the whole batch, medians of rounds that hold one sample of each in a shuffled order',
  };
}

async function where(device: Device): Promise<object> {
  switch (device.kind) {
    case 'cpu':
      return {
        machine: machine(),
        compiler: (await findCompiler())?.version,
        threads: device.threads,
        launchNanoseconds: await launchNanoseconds(device),
      };
    case 'cuda': {
      const { name, driver, multiprocessors, l2Bytes, target } = device;
      const compiler = await findCudaCompiler();
      return {
        gpu: { name, target: targetName(target), driver, multiprocessors, l2Bytes },
        compiler: compiler && cudaCompilerName(compiler),
      };
    }
    default:
      return device satisfies never;
  }
}
