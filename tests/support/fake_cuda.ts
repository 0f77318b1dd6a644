import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { inject, vi } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { compile, findCompiler } from '../../runtime/compiler.js';
import { temporaryFolder } from './temporary_folder.js';

const SOURCE = readFileSync(packagePath('tests', 'support', 'fake_cuda.cpp'), 'utf8');

// The addon opens libcuda.so.1 by its name, and the loader gives it what has that name and is open already.
const FLAGS = [
  '-std=c++20',
  '-shared',
  '-fPIC',
  '-O1',
  '-Wall',
  '-Wl,-soname,libcuda.so.1',
  '-Wl,-z,nodelete',
];

/** The file of tests/support/fake_cuda.cpp, compiled once for all test files of a run. */
async function fakeCuda(): Promise<string> {
  const folder = inject('sharedFolder');
  return compile((await findCompiler())!, { name: 'fake_cuda', text: SOURCE, flags: FLAGS, folder });
}

/** Lets the processes that this one starts take it for CUDA's driver, until the test ends. */
export async function lendFakeCuda(folder: string): Promise<void> {
  cpSync(await fakeCuda(), join(folder, 'libcuda.so.1'));
  vi.stubEnv('LD_LIBRARY_PATH', folder);
}

/** Lets this process take tests/support/fake_cuda.cpp for CUDA's driver, for good. */
export async function loadFakeCuda(): Promise<void> {
  const path = await fakeCuda();
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW);
  } catch (error) {
    if (!/self-register/.test((error as Error).message)) throw error; // it is no addon, but stays open
  }
}

/** Lets a function of the fake return a result until the test ends; 0 takes that back. */
export function letFail(call: string, result: number): void {
  vi.stubEnv('FAKE_CUDA_FAIL', `${call}=${result}`);
}

/** What the fake does from now on, in lines that are read and forgotten. */
export function fakeCudaLog(): () => readonly string[] {
  const path = join(temporaryFolder(), 'log');
  vi.stubEnv('FAKE_CUDA_LOG', path);
  return () => {
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
    rmSync(path, { force: true });
    return lines;
  };
}

/** Of what was allocated, what was not freed. */
export function leftAllocated(log: readonly string[]): readonly string[] {
  const left = new Set<string>();
  for (const line of log) {
    const [verb, pointer] = line.split(' ') as [string, string];
    if (verb === 'allocate') left.add(pointer);
    if (verb === 'free') left.delete(pointer);
  }
  return [...left];
}
