import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { compile, findCompiler } from '../../runtime/compiler.js';

const SOURCE = readFileSync(packagePath('tests', 'support', 'fake_nvrtc.cpp'), 'utf8');

/** Puts tests/support/fake_nvrtc.cpp at a path, as version `major`.3 of NVRTC. */
export async function putNvrtc(path: string, major: number): Promise<void> {
  const flags = ['-std=c++20', '-shared', '-fPIC', `-DMAJOR=${major}`];
  const compilation = { name: 'fake_nvrtc', text: SOURCE, flags, folder: inject('sharedFolder') };
  mkdirSync(dirname(path), { recursive: true });
  cpSync(await compile((await findCompiler())!, compilation), path);
}

/** Puts a program in a folder. */
export function putScript(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** An nvcc whose cubins are their sources, and which refuses sources with `broken` in them. */
export function putNvcc(folder: string): void {
  putScript(
    folder,
    'nvcc',
    `[ "$1" = --version ] && echo 'release 12.3, V12.3.45' && exit
for last; do :; done
/bin/cat > "$last"
if /bin/grep -q broken "$last"; then echo 'stdin(1): error: it is broken' >&2; exit 2; fi`,
  );
}
