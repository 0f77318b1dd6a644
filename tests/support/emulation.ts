import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { cached } from '../../runtime/cache.js';
import { type Compiler, findCompiler } from '../../runtime/compiler.js';
import { programUnits } from './emulated_program.js';

/** What one emitted CUDA text is to do: launches, in order, over arrays of exact size. */
export interface EmulatedRun {
  /** Runs with the same text share its compilation. */
  readonly text: string;
  readonly inputs: Readonly<Record<string, EmulatedInput>>;
  /** Arrays that launches hand to one another, in floats. */
  readonly scratch?: Readonly<Record<string, number>>;
  /** The same, of arrays that start as zeros. */
  readonly zeroed?: Readonly<Record<string, number>>;
  /** Floats of the array `output`, and elements before them, as in {@link EmulatedInput}. */
  readonly output: { readonly length: number; readonly lead?: number };
  readonly launches: readonly EmulatedLaunch[];
}

export interface EmulatedInput {
  readonly data: Float32Array | Int32Array;
  /** Elements of the array before these, which may not be touched and take no memory: for offsets beyond 32 bits. */
  readonly lead?: number;
}

export interface EmulatedLaunch {
  /** The kernel, as its text calls it. */
  readonly kernel: string;
  /** Its arguments as C++; the run's arrays go by their names. */
  readonly args: string;
  readonly blocks: number;
  /** Threads a block. */
  readonly threads: number;
  /** Dynamic shared memory a block, in bytes. */
  readonly sharedBytes: number;
  /** Blocks before this one are left out. */
  readonly firstBlock?: number;
}

const SOURCES = packagePath('tests', 'emulated', 'cuda');
const PROCESSES = 2;
/** Milliseconds after which a run counts as one that does not end. */
const LONGEST = 30_000;

const FLAGS = ['-std=c++20', '-g1', '-fno-strict-aliasing', '-fno-omit-frame-pointer', '-I', SOURCES];
// With optimisation, sanitized straight-line code took six times as long to compile.
const KERNEL_FLAGS = ['-O0', '-Wall', '-Werror', '-Wno-unknown-pragmas', '-Wno-sign-compare'];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
// Checks that are calls, not code in line, take a fifth less time to compile.
const GCC_SANITIZERS = [
  '-fsanitize-sections=emulated_shared',
  '--param=asan-instrumentation-with-call-threshold=0',
];
/** What all programs have in common. */
const RUNTIME = ['launch', 'device', 'boxes', 'tensor_cores'];
const RUNTIME_FLAGS = ['-O2'];

const execute = promisify(execFile);

/**
 * Compiles CUDA texts as C++ under AddressSanitizer and UBSan (tests/emulated/cuda/emulation.h) and runs them, with the
 * threads of each block in several orders, and the blocks forward and in reverse.
 * @returns the outputs, in the order of the runs
 * @throws Error with the program's words if a kernel reads or writes beside its arrays, overflows, misses a barrier, or
 * depends on the order of threads
 */
export async function emulate(runs: readonly EmulatedRun[]): Promise<readonly Float32Array[]> {
  return (await emulateEach(runs)).map(settled);
}

/** As {@link emulate}, with an outcome for each run. */
export async function emulateEach(runs: readonly EmulatedRun[]): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'oriented1d-'));
  try {
    const program = await build(folder, runs);
    return await pooled(runs, async (run, i) => {
      const [input, output] = [join(folder, `${i}.in`), join(folder, `${i}.out`)];
      await writeFile(input, inputBytes(run));
      await execute(program, [`${i}`, input, output], { timeout: LONGEST });
      return new Float32Array(new Uint8Array(await readFile(output)).buffer);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export type Outcome = PromiseSettledResult<Float32Array>;

/** Compiles all runs into one program. */
async function build(folder: string, runs: readonly EmulatedRun[]): Promise<string> {
  const compiler = (await findCompiler())!;
  const checks = [...SANITIZERS, ...(compiler.brand === 'gcc' ? GCC_SANITIZERS : [])];
  const units = programUnits(runs, PROCESSES);
  const built = await pooled(units, async (unit, i) => {
    const [source, object] = [join(folder, `kernels_${i}.cpp`), join(folder, `kernels_${i}.o`)];
    await writeFile(source, unit);
    await invoke(compiler, [...FLAGS, ...KERNEL_FLAGS, ...checks, '-c', source, '-o', object]);
    return object;
  });
  const objects = [...built.map(settled), ...(await runtimeObjects(compiler))];
  const program = join(folder, 'program');
  await invoke(compiler, [...SANITIZERS, ...objects, '-o', program]);
  return program;
}

/** Compiled once for all test files of a run. */
async function runtimeObjects(compiler: Compiler): Promise<readonly string[]> {
  const files = (await readdir(SOURCES)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(SOURCES, file), 'utf8')));
  const flags = [...FLAGS, ...RUNTIME_FLAGS];
  const key = [compiler.version, compiler.command, flags, ...texts];
  const folder = inject('sharedFolder');
  const objects = await pooled(RUNTIME, (name) =>
    cached({ name, extension: 'o', key, folder }, (aside) =>
      invoke(compiler, [...flags, '-c', join(SOURCES, `${name}.cpp`), '-o', aside]),
    ),
  );
  return objects.map(settled);
}

async function invoke({ command: [command, ...args] }: Compiler, more: readonly string[]): Promise<void> {
  await execute(command!, [...args, ...more]);
}

/** Arrays, each behind its length. */
function inputBytes({ inputs }: EmulatedRun): Buffer {
  return Buffer.concat(
    Object.values(inputs).flatMap(({ data }) => [
      Buffer.from(Uint32Array.of(data.length).buffer),
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ]),
  );
}

/** Does the work of every item, a few at a time. */
async function pooled<T, R>(
  items: readonly T[],
  work: (item: T, i: number) => Promise<R>,
): Promise<readonly PromiseSettledResult<R>[]> {
  const outcomes: PromiseSettledResult<R>[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [i, item] of left) outcomes[i] = (await Promise.allSettled([work(item, i)]))[0];
  };
  await Promise.all(Array.from({ length: PROCESSES }, worker));
  return outcomes;
}

function settled<R>(outcome: PromiseSettledResult<R>): R {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
