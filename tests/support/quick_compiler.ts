import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compiler, findCompiler } from '../../runtime/compiler.js';
import { temporaryFolder } from './temporary_folder.js';

/** This machine's C++ compiler without its optimisations, for tests that ask no more of kernels than to be right: it takes half as long. */
export async function quickCompiler(): Promise<Compiler> {
  const compiler = (await findCompiler())!;
  const file = join(temporaryFolder(), 'quick-c++');
  writeFileSync(file, `#!/bin/sh\nexec ${compiler.command.join(' ')} "$@" -O0\n`);
  chmodSync(file, 0o755);
  // The argument says so in the keys of binaries, which the cache of tests holds beside those that are optimised.
  return { ...compiler, command: [file, '-O0'] };
}
