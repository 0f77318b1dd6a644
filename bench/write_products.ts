import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../generator/package.js';
import { cpuTarget } from '../generator/target.js';
import { findCompiler } from '../runtime/compiler.js';
import { machine } from '../runtime/machine.js';
import { TINY_PRODUCTS } from './product_shapes.js';
import { productSpace } from './product_space.js';
import { buildTimer, timeProducts } from './product_timer.js';
import { type ProductResult, peerRates, productTable } from './products.js';

/** Times products of the tiny network, and writes and prints what came out: `node dist/bench/write_products.js OUT.json [ROUNDS]`. */
const ROUNDS = Number(process.argv[3] ?? 40);
const here = machine();
const target = cpuTarget(here.isa);
const compiler = (await findCompiler())!;
const peers = await peerRates(process.env.PYTHON ?? 'python3', TINY_PRODUCTS);
const folder = mkdtempSync(join(tmpdir(), 'oriented1d-products-'));
const results: ProductResult[] = [];
try {
  const timer = await buildTimer(compiler, folder);
  for (const [i, shape] of TINY_PRODUCTS.entries()) {
    const kernels = await timeProducts(timer, compiler, shape, productSpace(shape, target), ROUNDS);
    results.push({ ...shape, kernels, peers: peers[i]! });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const provenance = {
  version: VERSION,
  measured: new Date().toISOString(),
  machine: here,
  compiler: compiler.version,
  rounds: ROUNDS,
  unit: 'GFLOP/s of processor time, and the share of what multiply-adds in registers reach right before and after; of two threads the slower; best is the 95th percentile',
};
writeFileSync(process.argv[2]!, `${JSON.stringify({ provenance, results }, null, 2)}\n`);
process.stdout.write(`${productTable(results)}\n`);
