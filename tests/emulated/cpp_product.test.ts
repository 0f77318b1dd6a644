import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultProductSchedule } from '../../generator/operations/cpp/product/default.js';
import { productSource } from '../../generator/operations/cpp/product/emit.js';
import type { Product } from '../../generator/operations/operation.js';
import { packagePath } from '../../generator/package.js';
import { cpuTarget, type Isa, isasOf } from '../../generator/target.js';
import { addon } from '../../runtime/addon.js';
import { compilerFlags, findCompiler } from '../../runtime/compiler.js';
import { type ProductCase, someProducts } from '../support/product_case.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const plain = { kind: 'product', normalize: false, gelu: false, residual: false } as const;
const DEFAULTS: readonly (readonly [Product, number])[] = [
  [{ ...plain, inner: 12, outer: 48, normalize: true, gelu: true }, 30],
  [{ ...plain, inner: 208, outer: 52, residual: true }, 120],
  [{ ...plain, inner: 36, outer: 10 }, 1],
];

function defaults(isa: Isa): readonly ProductCase[] {
  return DEFAULTS.map(([product, count]) => ({
    schedule: defaultProductSchedule(product, cpuTarget(isa), count),
    count,
    bias: true,
  }));
}

function row({ schedule: { name, product }, count, bias }: ProductCase): string {
  const { inner, outer, normalize, gelu, residual } = product;
  return `{&${name}, ${[count, inner, outer, normalize, gelu, residual, bias].join(', ')}}`;
}

it.each(isasOf(addon().isa()))(
  '%s products agree with float64, under the sanitizers',
  async (isa) => {
    const compiler = (await findCompiler())!;
    const cases = [...defaults(isa), ...someProducts(isa, 4, 11)];
    expect(cases).toHaveLength(7);
    const [file, program] = ['main.cpp', 'main'].map((name) => join(temporaryFolder(), name));
    const text = [
      readFileSync(packagePath('tests', 'support', 'product_main.cpp'), 'utf8'),
      ...cases.map(({ schedule }) => productSource(schedule).text),
      ...cases.map(({ schedule }) => `extern "C" const O1dOperation ${schedule.name};`),
      `int main() {\n  const Product cases[] = {${cases.map(row).join(', ')}};`,
      '  for (const Product& p : cases) run_case(p);\n  std::puts("all cases ran");\n}',
    ];
    writeFileSync(file!, text.join('\n'));
    const flags = compilerFlags(compiler, isa).filter((flag) => !['-O2', '-shared', '-fPIC'].includes(flag));
    const sanitizers = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const strict = ['-Wall', '-Wextra', '-Werror'];
    const [command, ...args] = compiler.command;
    const include = ['-I', packagePath('runtime', 'native')];
    execFileSync(command!, [...args, ...flags, ...sanitizers, ...strict, ...include, file!, '-o', program!], {
      stdio: 'pipe',
    });
    expect(execFileSync(program!, { encoding: 'utf8' })).toBe('all cases ran\n');
  },
  300_000,
);
