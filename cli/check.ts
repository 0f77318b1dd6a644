import { readdir, stat } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { OrientedError } from '../generator/errors.js';
import { VERSION } from '../generator/package.js';
import { cpuTarget } from '../generator/target.js';
import { addon } from '../runtime/addon.js';
import { cacheFolder, ensureWritable } from '../runtime/cache.js';
import { findCompiler } from '../runtime/compiler.js';
import { cudaCompilerName, findCudaCompiler } from '../runtime/cuda/compiler.js';
import { cudaDeviceCount, openCuda } from '../runtime/cuda/device.js';
import { CliError } from './errors.js';
import { PUBLISHED, publishedLibrary } from './published.js';

/** One thing that doctor looked at. */
export interface Check {
  readonly name: string;
  /** `fine`; `missing` if one can do without it; `broken` if nothing runs without it. */
  readonly state: 'fine' | 'missing' | 'broken';
  readonly found: string;
  /** What to do about it, unless it is fine. */
  readonly remedy?: string;
}

/** What to look at: `look` gives what was found, or throws an OrientedError for what is not as it should be. */
interface Inspection {
  readonly name: string;
  /** Without it nothing runs. */
  readonly needed?: true;
  look(): string | Promise<string>;
}

const INSPECTIONS: readonly Inspection[] = [
  {
    name: 'oriented1d',
    look: () => `${VERSION}, Node ${process.version}, ${process.platform}-${process.arch}`,
  },
  { name: 'processor', look: processor },
  { name: 'addon', needed: true, look: native },
  { name: 'C++ compiler', look: compiler },
  { name: 'cache', look: cache },
  { name: 'library', look: library },
  { name: 'GPU', look: gpu },
  { name: 'CUDA compiler', look: cudaCompiler },
];

/** Looks at everything, in order. */
export async function checks(): Promise<readonly Check[]> {
  const done: Check[] = [];
  for (const inspection of INSPECTIONS) done.push(await check(inspection));
  return done;
}

async function check({ name, needed, look }: Inspection): Promise<Check> {
  try {
    return { name, state: 'fine', found: await look() };
  } catch (error) {
    if (!(error instanceof OrientedError)) throw error;
    const { value, rule, remedy } = error;
    const [reason] = rule.split('\n'); // Node adds its own stack of modules
    return { name, state: needed ? 'broken' : 'missing', found: `${value}: ${reason}`, remedy };
  }
}

function processor(): string {
  const model = cpus()[0]?.model.trim() || process.arch;
  return `${model}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
}

function native(): string {
  const { isa, lanes, registers } = cpuTarget(addon().isa());
  const kernels = isa === 'plain' ? 'neither AVX2 nor AVX-512, so plain' : isa;
  return `loads; ${kernels} kernels, ${lanes} floats at a time, ${registers} registers`;
}

async function compiler(): Promise<string> {
  const found = await findCompiler();
  if (found) return `${found.command.join(' ')}: ${found.version}`;
  throw new CliError({
    code: 'compiler-missing',
    value: 'g++, c++, clang++',
    rule: 'none of them runs, so on a CPU the general kernel does all convolutions, no model runs, and nothing is tuned',
    remedy: 'apt-get install g++, dnf install gcc-c++ or xcode-select --install, or set CXX',
  });
}

async function cache(): Promise<string> {
  const folder = cacheFolder();
  await ensureWritable(folder);
  const names = await readdir(folder);
  // What another process makes aside may be gone by now.
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  );
  const mebibytes = sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
  return `${folder}: ${mebibytes.toFixed(1)} MiB`;
}

function library(): string {
  const kernels = Object.values(publishedLibrary().kernels);
  const targets = [...new Set(kernels.map(({ target }) => target))];
  if (kernels.length > 0) return `${kernels.length} kernels for ${targets.join(', ')}`;
  throw new CliError({
    code: 'library-empty',
    value: PUBLISHED,
    rule: 'no kernels were published with this package, so the general kernel does all convolutions but those of models, whose kernels are generated untuned',
    remedy: 'tune the layers that you use with `oriented1d tune`',
  });
}

function gpu(): string {
  const count = cudaDeviceCount();
  const { name, target, multiprocessors, l2Bytes, driver } = openCuda();
  const which = count > 1 ? `the first of ${count} GPUs, ${name}` : name;
  const l2 = Math.round(l2Bytes / 2 ** 20);
  return `${which}: ${target.arch}, ${multiprocessors} multiprocessors, ${l2} MiB of L2; driver for CUDA ${driver}`;
}

async function cudaCompiler(): Promise<string> {
  const found = await findCudaCompiler();
  if (found) return `${cudaCompilerName(found)}, ${found.path}`;
  throw new CliError({
    code: 'cuda-compiler-missing',
    value: 'NVRTC, nvcc',
    rule: 'neither is found, so a GPU runs only kernels that are shipped compiled, and no model',
    remedy: 'pip install nvidia-cuda-nvrtc, or set CUDA_HOME to a CUDA toolkit',
  });
}
