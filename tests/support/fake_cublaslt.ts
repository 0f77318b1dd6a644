import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { inject } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { compile, findCompiler } from '../../runtime/compiler.js';

const SOURCE = readFileSync(packagePath('tests', 'support', 'fake_cublaslt.cpp'), 'utf8');

// The addon opens it by its name, and the loader gives it what has that name and is open already.
const FLAGS = [
  '-std=c++20',
  '-shared',
  '-fPIC',
  '-O1',
  '-Wall',
  '-Wl,-soname,libcublasLt.so.13',
  '-Wl,-z,nodelete',
];

/** Lets this process take tests/support/fake_cublaslt.cpp for cuBLASLt, for good. */
export async function loadFakeBlas(): Promise<void> {
  const folder = inject('sharedFolder');
  const compilation = { name: 'fake_cublaslt', text: SOURCE, flags: FLAGS, folder };
  const path = await compile((await findCompiler())!, compilation);
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW);
  } catch (error) {
    if (!/self-register/.test((error as Error).message)) throw error; // it is no addon, but stays open
  }
}
