import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { inputElements, outputElements } from '../../generator/problem.js';
import type { Schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { addon } from '../../runtime/addon.js';
import { compilerFlags, findCompiler } from '../../runtime/compiler.js';
import { someKernels } from '../support/sheared_case.js';
import { STRICT } from '../support/strict.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const KERNELS = 8;

function row({ name, problem }: Schedule): string {
  const { batch, channels, kernel } = problem;
  const sizes = [batch, inputElements(problem), outputElements(problem), channels * kernel, channels];
  return `{&${name}, ${sizes.join(', ')}}`;
}

it('emitted kernels read and write only what is theirs, under the sanitizers', async () => {
  const isa = addon().isa();
  const compiler = (await findCompiler())!;
  const kernels = someKernels(isa, KERNELS, 42);
  expect(kernels).toHaveLength(KERNELS);
  expect(kernels.some(({ params }) => params.prefetch === 2)).toBe(true);
  const [file, program] = ['main.cpp', 'main'].map((name) => join(temporaryFolder(), name));
  const text = [
    readFileSync(packagePath('tests', 'support', 'sanitized_main.cpp'), 'utf8'),
    ...kernels.map((kernel) => source(kernel).text),
    ...kernels.map(({ name }) => `extern "C" const O1dKernel ${name};`),
    `int main() {\n  const Case cases[] = {${kernels.map(row).join(', ')}};`,
    '  for (const Case& c : cases) run_case(c);\n  std::puts("all cases ran");\n}',
  ];
  writeFileSync(file!, text.join('\n'));
  const flags = compilerFlags(compiler, isa).filter((flag) => !['-O2', '-shared', '-fPIC'].includes(flag));
  const sanitizers = ['-O0', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', ...STRICT];
  const [command, ...args] = compiler.command;
  execFileSync(
    command!,
    [...args, ...flags, ...sanitizers, '-I', packagePath('runtime', 'native'), file!, '-o', program!],
    {
      stdio: 'pipe',
    },
  );
  expect(execFileSync(program!, { encoding: 'utf8' })).toBe('all cases ran\n');
});
