import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultProductSchedule } from '../../generator/operations/cpp/product/default.js';
import { productSource } from '../../generator/operations/cpp/product/emit.js';
import { GELU_FORMS, type Product } from '../../generator/operations/operation.js';
import { packagePath } from '../../generator/package.js';
import { cpuTarget, type Isa, isasOf } from '../../generator/target.js';
import { addon } from '../../runtime/addon.js';
import { compilerFlags, findCompiler } from '../../runtime/compiler.js';
import { type ProductCase, someProducts } from '../support/product_case.js';
import { STRICT } from '../support/strict.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const plain = { kind: 'product', normalize: false, gelu: null, residual: false } as const;
const DEFAULTS: readonly (readonly [Product, number])[] = [
  [{ ...plain, inner: 12, outer: 48, normalize: true, gelu: 'exact' }, 30],
  [{ ...plain, inner: 20, outer: 70, gelu: 'tanh' }, 40],
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
  const form = gelu === null ? 0 : 1 + GELU_FORMS.indexOf(gelu);
  return `{&${name}, ${[count, inner, outer, normalize, form, residual, bias].join(', ')}}`;
}

it.each(isasOf(addon().isa()))(
  '%s products agree with float64, under the sanitizers',
  async (isa) => {
    const compiler = (await findCompiler())!;
    const cases = [...defaults(isa), ...someProducts(isa, 4, 11)];
    expect(cases).toHaveLength(8);
    const [file, program] = ['main.cpp', 'main'].map((name) => join(temporaryFolder(), name));
    const kernels = cases.map(({ schedule }) => productSource(schedule).text);
    const text = [
      readFileSync(packagePath('tests', 'support', 'product_main.cpp'), 'utf8'),
      ...kernels,
      ...cases.map(({ schedule }) => `extern "C" const O1dOperation ${schedule.name};`),
      `int main() {\n  const Product cases[] = {${cases.map(row).join(', ')}};`,
      '  for (const Product& p : cases) run_case(p);\n  std::puts("all cases ran");\n}',
    ];
    writeFileSync(file!, text.join('\n'));
    const flags = compilerFlags(compiler, isa).filter((flag) => !['-O2', '-shared', '-fPIC'].includes(flag));
    const sanitizers = ['-O0', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const [command, ...args] = compiler.command;
    const include = ['-I', packagePath('runtime', 'native')];
    const build = (...more: readonly string[]) =>
      execFileSync(command!, [...args, ...flags, ...STRICT, ...include, ...more], { stdio: 'pipe' });
    build(...sanitizers, file!, '-o', program!);
    expect(execFileSync(program!, { encoding: 'utf8' })).toBe('all cases ran\n');
    writeFileSync(file!, kernels.join('\n'));
    build('-O1', '-c', file!, '-o', program!); // which warns of more
  },
  300_000,
);
