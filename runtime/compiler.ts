import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packagePath } from '../generator/package.js';
import type { Isa } from '../generator/target.js';
import { cached } from './cache.js';
import { DeviceError } from './errors.js';
import { invoke } from './process.js';

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

/** All that a binary depends on beside its source and the compiler's version: $CXX's own arguments come first. */
export function compilerSettings({ command }: Compiler, flags: readonly string[]): readonly string[] {
  return [process.arch, ...command.slice(1), ...flags];
}

/**
 * Compiles a source unless that was done before, and gives the path of the shared object.
 * @throws DeviceError `compile` if the source does not compile; see {@link compileError}, if the compiler writes nothing,
 *   and if the cache cannot be written
 */
export function compile(compiler: Compiler, compilation: Compilation): Promise<string> {
  const { text, flags, ...rest } = compilation;
  const key = [rest.name, compiler.version, compilerSettings(compiler, flags), text, HEADER];
  return cached({ ...rest, extension: 'so', key }, async (aside) => {
    const outcome = await invoke(
      [...compiler.command, ...flags, '-I', HEADERS, '-x', 'c++', '-', '-o', aside],
      text,
    );
    if (outcome.code !== 0) throw compileError(rest.name, 'the C++ compiler', outcome);
    await requireOutput(aside, compiler.command.join(' '), 'set CXX to a C++ compiler');
  });
}

/** @throws DeviceError if a program that ended well has not written what it was to write: it is no compiler */
export async function requireOutput(file: string, command: string, remedy: string): Promise<void> {
  const written = await stat(file).catch(() => undefined);
  if (written?.isFile() && written.size > 0) return;
  throw new DeviceError('user', {
    code: 'compiler-silent',
    value: command,
    rule: 'this is to be a compiler; it ended without an error, and wrote no binary',
    remedy,
  });
}

/** How a compiler that did not succeed ended. */
export interface CompilerFailure {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal?: NodeJS.Signals | null;
  readonly stderr: string;
}

// The driver's own words, of itself or of the programs that it runs.
const NO_ROOM = /No space left on device|Disk quota exceeded/i;
const ENDED = /signal terminated program|due to signal|unable to execute command: (Killed|Terminated)/;
const NO_MEMORY = /out of memory|Cannot allocate memory/i;

/**
 * What a compiler that did not succeed said: `compile` if it refused the source; `compiler-no-room` and
 * `compiler-ended` say nothing of the source.
 */
export function compileError(name: string, compiler: string, failure: CompilerFailure): DeviceError {
  const { code, signal, stderr } = failure;
  const lines = stderr.split('\n').filter((line) => line.trim());
  const reason = lines.find((line) => /\berror:/.test(line)) ?? lines[0] ?? `it ended with status ${code}`;
  const cause = new Error(stderr);
  if (NO_ROOM.test(stderr))
    return new DeviceError('system', {
      code: 'compiler-no-room',
      value: name,
      rule: `${compiler} had no room to write: ${lines.find((line) => NO_ROOM.test(line))!.trim()}`,
      remedy: 'make room on the disk of the cache and of TMPDIR',
      cause,
    });
  // A shell that wraps a compiler ends with 128 and the signal's number.
  if (code === null || code > 128 || ENDED.test(stderr) || NO_MEMORY.test(stderr))
    return new DeviceError('system', {
      code: 'compiler-ended',
      value: name,
      rule: `${compiler} was ended before it was done: ${(signal ?? reason).trim()}`,
      remedy: 'see that there is memory left for it, and run the same command again',
      cause,
    });
  return new DeviceError('system', {
    code: 'compile',
    value: name,
    rule: `${compiler} refused the kernel: ${reason.trim()}`,
    remedy: 'the whole message is the cause of this error',
    cause,
  });
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
