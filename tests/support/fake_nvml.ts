import { cpSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { inject, vi } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { compile, findCompiler } from '../../runtime/compiler.js';

const SOURCE = readFileSync(packagePath('tests', 'support', 'fake_nvml.cpp'), 'utf8');
const FLAGS = ['-std=c++20', '-shared', '-fPIC', '-Wall', '-Wl,-soname,libnvidia-ml.so.1', '-Wl,-z,nodelete'];

/** Compiled once for all test files of a run. */
async function fakeNvml(flags: readonly string[]): Promise<string> {
  return compile((await findCompiler())!, {
    ...{ name: 'fake_nvml', text: SOURCE, folder: inject('sharedFolder') },
    flags: [...FLAGS, ...flags],
  });
}

/** Lets processes that are started with this folder in LD_LIBRARY_PATH take the fake for NVML. @param old of before CUDA 12.2 */
export async function lendFakeNvml(folder: string, old = false): Promise<void> {
  const built = await fakeNvml(old ? ['-DOLD'] : []);
  cpSync(built, join(folder, 'libnvidia-ml.so.1'));
}

/** Lets this process take tests/support/fake_nvml.cpp for NVML, for good. */
export async function loadFakeNvml(): Promise<void> {
  try {
    process.dlopen({ exports: {} }, await fakeNvml([]), constants.dlopen.RTLD_NOW);
  } catch (error) {
    if (!/self-register/.test((error as Error).message)) throw error; // it is no addon, but stays open
  }
}

/** What the fake tells until the test ends. @param reasons bits of nvmlClocksEventReason* */
export function letClocksBe(smMHz: number, memoryMHz: number, temperature: number, reasons: number): void {
  vi.stubEnv('FAKE_NVML', `${smMHz} ${memoryMHz} ${temperature} ${reasons}`);
}
