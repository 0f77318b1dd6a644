import { packagePath } from '../generator/package.js';
import { invoke } from '../runtime/process.js';
import { BenchError } from './errors.js';
import type { ProductShape } from './product_shapes.js';
import type { ProductTime } from './product_timer.js';

/** What was measured of a shape. */
export interface ProductResult extends ProductShape {
  /** The default schedule's first. */
  readonly kernels: readonly ProductTime[];
  /** GFLOP/s of other libraries on one thread, without normalisation, GELU and residual. */
  readonly peers: Readonly<Record<string, number>>;
}

type Rates = readonly Readonly<Record<string, number>>[];

/** What NumPy, and PyTorch if it is there, make of the shapes on one thread. @throws BenchError if there is no NumPy */
export async function peerRates(python: string, shapes: readonly ProductShape[]): Promise<Rates> {
  const sizes = shapes.map(({ rows, product: { inner, outer } }) => [rows, inner, outer].join());
  const { code, stdout, stderr } = await invoke([
    ...['env', 'OPENBLAS_NUM_THREADS=1', 'OMP_NUM_THREADS=1'],
    ...[python, packagePath('bench', 'peers', 'products.py')],
    ...sizes,
  ]);
  if (code === 0) return JSON.parse(stdout) as Rates;
  throw new BenchError({
    code: 'peer-python',
    value: python,
    rule: `it did not time its products: ${stderr.trim().split('\n').at(-1)}`,
    remedy: 'set PYTHON to one that has numpy',
  });
}

/** The default schedule on two threads, the best of all, and the peers; then all products of the tiny network. */
export function productTable(results: readonly ProductResult[]): string {
  const lines = results.map(({ product, rows, times, kernels, peers }) => {
    const { inner, outer, normalize, gelu, residual } = product;
    const [one, two] = kernels as readonly [ProductTime, ProductTime];
    const best = bestOf(kernels);
    return [
      `${rows}x${inner}x${outer}${normalize ? ' norm' : ''}${gelu === null ? '' : ' gelu'}${residual ? ' residual' : ''}`.padEnd(
        28,
      ),
      `x${times}`.padEnd(4),
      rateText(one),
      rateText(two),
      rateText(best),
      scheduleOf(best.kernel).padEnd(28),
      ...Object.entries(peers).map(([name, rate]) => `${name} ${rate.toFixed(0)}`),
    ].join('  ');
  });
  const total = (of: (two: ProductTime) => number) => milliseconds(results, of).toFixed(1);
  return [
    `${'rows x inner x outer'.padEnd(28)}        one thread       two threads      best of the space`,
    ...lines,
    `all of a tiny network, two threads: ${total((two) => two.bestRate)} ms at best, ${total((two) => two.medianRate)} ms by medians`,
  ].join('\n');
}

/** Of all products of a tiny network, one image, on two threads. */
export function milliseconds(
  results: readonly ProductResult[],
  rateOf: (two: ProductTime) => number,
): number {
  return results.reduce((sum, { product, rows, times, kernels }) => {
    const operations = 2 * rows * product.inner * product.outer;
    return sum + (times * operations) / rateOf(kernels[1]!) / 1e6;
  }, 0);
}

function bestOf(kernels: readonly ProductTime[]): ProductTime {
  return kernels
    .filter(({ threads }) => threads === 2)
    .reduce((best, one) => (one.medianShare > best.medianShare ? one : best));
}

function rateText({ medianRate, medianShare, bestRate, bestShare }: ProductTime): string {
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  return `${medianRate.toFixed(0)} (${percent(medianShare)}) to ${bestRate.toFixed(0)} (${percent(bestShare)})`.padEnd(
    26,
  );
}

function scheduleOf(kernel: string): string {
  return kernel.slice(kernel.indexOf('__') + 2).replace('cpp_product_', '');
}
