import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { operationSource } from '../../generator/operations/cpp/source.js';
import { operationName } from '../../generator/operations/operation.js';
import { packagePath } from '../../generator/package.js';
import { cpuTarget } from '../../generator/target.js';
import { addon } from '../../runtime/addon.js';
import { compilerFlags, findCompiler } from '../../runtime/compiler.js';
import { extentsOf } from '../../runtime/plan/extents.js';
import { size } from '../../runtime/tensor.js';
import { type OperationCase, someOperations } from '../support/operation_case.js';
import { STRICT } from '../support/strict.js';
import { temporaryFolder } from '../support/temporary_folder.js';

function row({ operation, count }: OperationCase): string {
  const { input, output, weight, bias } = extentsOf(operation);
  const parameters = [weight, bias].map((shape) => (shape ? size(shape) : 0));
  const inPlace = operation.kind === 'norm' || operation.kind === 'gelu';
  const sizes = [count, count * input, count * output, ...parameters].join(', ');
  return `{&${operationName(operation)}, ${sizes}, ${inPlace}}`;
}

it('emitted operations read and write only what is theirs, under the sanitizers', async () => {
  const isa = addon().isa();
  const compiler = (await findCompiler())!;
  const cases = someOperations(4, 7);
  const sources = cases.map(({ operation }) => operationSource(operation, cpuTarget(isa)));
  const [file, program] = ['main.cpp', 'main'].map((name) => join(temporaryFolder(), name));
  const text = [
    readFileSync(packagePath('tests', 'support', 'operations_main.cpp'), 'utf8'),
    ...sources.map((source) => source.text),
    ...sources.map(({ name }) => `extern "C" const O1dOperation ${name};`),
    `int main() {\n  const Case cases[] = {${cases.map(row).join(', ')}};`,
    '  for (const Case& c : cases) run_case(c);\n  std::puts("all cases ran");\n}',
  ];
  writeFileSync(file!, text.join('\n'));
  const flags = compilerFlags(compiler, isa).filter((flag) => !['-O2', '-shared', '-fPIC'].includes(flag));
  const sanitizers = ['-O0', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const [command, ...args] = compiler.command;
  const include = ['-I', packagePath('runtime', 'native')];
  execFileSync(command!, [...args, ...flags, ...sanitizers, ...STRICT, ...include, file!, '-o', program!], {
    stdio: 'pipe',
  });
  expect(execFileSync(program!, { encoding: 'utf8' })).toBe('all cases ran\n');
});
