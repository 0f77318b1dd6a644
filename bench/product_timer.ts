import { join } from 'node:path';
import { productSource } from '../generator/operations/cpp/product/emit.js';
import type { ProductSchedule } from '../generator/operations/cpp/product/schedule.js';
import { packagePath } from '../generator/package.js';
import { type Compiler, compile, compileError, compilerFlags } from '../runtime/compiler.js';
import { invoke } from '../runtime/process.js';
import { median } from '../tuner/measure/stats.js';
import { BenchError } from './errors.js';
import type { ProductShape } from './product_shapes.js';

/** A kernel on one thread or two. Rates in GFLOP/s, shares of what registers alone allow; the best is the 95th percentile. */
export interface ProductTime {
  readonly kernel: string;
  readonly threads: number;
  readonly medianRate: number;
  readonly bestRate: number;
  readonly medianShare: number;
  readonly bestShare: number;
}

const SAMPLE = /^(\d+) ([12]) ([\d.]+) ([\d.]+)$/;

/** bench/native/product_timer.cpp as a program. @throws DeviceError if it does not compile */
export async function buildTimer(compiler: Compiler, folder: string): Promise<string> {
  const program = join(folder, 'product_timer');
  const flags = compilerFlags(compiler, 'avx512').filter((flag) => flag !== '-shared');
  const source = packagePath('bench', 'native', 'product_timer.cpp');
  const include = ['-I', packagePath('runtime', 'native')];
  const outcome = await invoke([
    ...compiler.command,
    ...flags,
    ...include,
    source,
    ...['-o', program, '-ldl', '-pthread'],
  ]);
  if (outcome.code !== 0) throw compileError('product_timer', 'the C++ compiler', outcome);
  return program;
}

/**
 * Times kernels of one shape, interleaved.
 * @throws DeviceError if one does not compile
 * @throws BenchError if the timer breaks down
 */
export async function timeProducts(
  timer: string,
  compiler: Compiler,
  { product, rows }: ProductShape,
  kernels: readonly ProductSchedule[],
  rounds: number,
): Promise<readonly ProductTime[]> {
  const input: string[] = [];
  for (const kernel of kernels) {
    const { name, text } = productSource(kernel);
    const flags = compilerFlags(compiler, kernel.target.isa);
    input.push(`${await compile(compiler, { name, text, flags })} ${name}`);
  }
  const { inner, outer, residual } = product;
  const outcome = await invoke(
    [timer, ...[rows, inner, outer, +residual, rounds].map(String)],
    input.join('\n'),
  );
  if (outcome.code !== 0)
    throw new BenchError({
      code: 'product-timer',
      value: outcome.stderr.trim(),
      rule: 'the timer of products broke down',
      remedy: 'run it where its processor has AVX-512',
    });
  const samples = outcome.stdout.split('\n').flatMap((line) => SAMPLE.exec(line) ?? []);
  return summarize(samples, kernels, 2 * rows * inner * outer);
}

function summarize(
  fields: readonly string[],
  kernels: readonly ProductSchedule[],
  operations: number,
): readonly ProductTime[] {
  const columns = SAMPLE.source.split('(').length;
  const samples = Array.from({ length: fields.length / columns }, (_, i) =>
    fields.slice(i * columns + 1, (i + 1) * columns).map(Number),
  );
  return kernels.flatMap(({ name }, kernel) =>
    [1, 2].map((threads) => {
      const own = samples.filter(([k, t]) => k === kernel && t === threads);
      const rates = own.map(([, , seconds]) => operations / seconds! / 1e9);
      const shares = own.map(([, , , share]) => share!);
      return {
        kernel: name,
        threads,
        medianRate: median(rates),
        bestRate: best(rates),
        medianShare: median(shares),
        bestShare: best(shares),
      };
    }),
  );
}

function best(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(0.95 * (samples.length - 1))]!;
}
