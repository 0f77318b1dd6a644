import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { packagePath } from '../generator/package.js';
import type { Isa } from '../generator/target.js';
import { cacheFolder, ensureWritable } from './cache.js';
import { DeviceError } from './errors.js';
import { invoke, type Outcome } from './process.js';

/** A C++ compiler that was seen to run. */
export interface Compiler {
  readonly kind: 'compiler';
  /** How it is called: a program and, with a $CXX such as `ccache g++`, its arguments. */
  readonly command: readonly string[];
  /** First line of its --version. */
  readonly version: string;
  readonly brand: 'gcc' | 'clang';
}

/** One C++ source that becomes one shared object. */
export interface Compilation {
  /** Begins the binary's file name. */
  readonly name: string;
  readonly text: string;
  readonly flags: readonly string[];
  /** The cache, if not the user's own. */
  readonly folder?: string;
}

const HEADERS = packagePath('runtime', 'native');
const HEADER = readFileSync(join(HEADERS, 'oriented1d_kernel.h'), 'utf8');

const ISA_FLAGS: Readonly<Record<Isa, readonly string[]>> = {
  avx512: ['-march=x86-64-v4', '-mprefer-vector-width=512'],
  avx2: ['-march=x86-64-v3'],
  plain: [],
};

const found = new Map<string, Promise<Compiler | undefined>>();

/**
 * $CXX if it is set, else the first of g++, c++ and clang++ on PATH that runs; undefined if none does.
 * @throws DeviceError if $CXX is set and does not run
 */
export function findCompiler(): Promise<Compiler | undefined> {
  const { CXX, PATH } = process.env;
  const key = JSON.stringify([CXX, PATH]);
  const search = found.get(key) ?? (CXX?.trim() ? chosen(CXX) : firstOf(['g++', 'c++', 'clang++']));
  found.set(key, search);
  return search;
}

/** Flags of a kernel for an instruction set. */
export function compilerFlags({ brand }: Compiler, isa: Isa): readonly string[] {
  return [
    ...['-O2', '-std=c++20', '-fPIC', '-shared', '-ffp-contract=fast'],
    // GCC otherwise sinks a tile's multiply-adds into its conditional stores and spills every input: 40 % slower.
    ...(brand === 'gcc' ? ['-fno-tree-sink'] : []),
    ...ISA_FLAGS[isa],
  ];
}

/**
 * Compiles a source unless that was done before, and gives the path of the shared object. The path is a digest of all
 * that the binary depends on; it is built aside and renamed into place, so that several processes may do so at once.
 * @throws DeviceError if the source does not compile or the cache cannot be written
 */
export async function compile(compiler: Compiler, compilation: Compilation): Promise<string> {
  const { name, text, flags, folder = cacheFolder() } = compilation;
  const key = digest([name, compiler.version, flags, text, HEADER]);
  // A name may be longer than a file's name can be; the digest tells files apart.
  const path = join(resolve(folder), `${name.slice(0, 120)}-${key.slice(0, 24)}.so`);
  if (existsSync(path)) return path;
  await ensureWritable(resolve(folder));
  const aside = `${path}.${randomUUID()}`;
  try {
    const outcome = await invoke(
      [...compiler.command, ...flags, '-I', HEADERS, '-x', 'c++', '-', '-o', aside],
      text,
    );
    if (outcome.code !== 0) throw failure(name, outcome);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
  return path;
}

async function chosen(command: string): Promise<Compiler> {
  const compiler = await probe(command.trim().split(/\s+/));
  if (compiler) return compiler;
  throw new DeviceError('user', {
    code: 'cxx-runs',
    value: command,
    rule: '$CXX must name a C++ compiler that runs',
    remedy: 'set CXX to one, or unset it to use g++, c++ or clang++ from PATH',
  });
}

async function firstOf(programs: readonly string[]): Promise<Compiler | undefined> {
  for (const program of programs) {
    const compiler = await probe([program]);
    if (compiler) return compiler;
  }
  return undefined;
}

async function probe(command: readonly string[]): Promise<Compiler | undefined> {
  const outcome = await invoke([...command, '--version']).catch(() => undefined);
  if (outcome?.code !== 0) return undefined;
  const version = outcome.stdout.split('\n', 1)[0]!.trim();
  return Object.freeze({
    kind: 'compiler',
    command,
    version,
    brand: /clang/i.test(version) ? 'clang' : 'gcc',
  });
}

function failure(name: string, { code, stderr }: Outcome): DeviceError {
  const lines = stderr.split('\n').filter((line) => line.trim());
  const reason =
    lines.find((line) => /\berror:/.test(line)) ??
    lines[0] ??
    `it ended with ${code === null ? 'a signal' : `status ${code}`}`;
  return new DeviceError('system', {
    code: 'compile',
    value: name,
    rule: `the C++ compiler refused the kernel: ${reason.trim()}`,
    remedy: 'the whole message is the cause of this error',
    cause: new Error(stderr),
  });
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
