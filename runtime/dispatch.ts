import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GENERAL_KERNELS, type GeneralOp } from '../generator/families/general_name.js';
import { sha256 } from '../generator/hash.js';
import { layerName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { requireProblem } from '../generator/require_problem.js';
import { type CpuTarget, type Target, targetName } from '../generator/target.js';
import { computedAs } from '../generator/transpose.js';
import { type Compiler, compile, compilerFlags, findCompiler } from './compiler.js';
import { DeviceError } from './errors.js';
import { requireLibrary } from './given.js';
import type { KernelLibrary } from './library.js';
import { convolutionOp } from './operation.js';
import { systemReason } from './system_reason.js';

/** Where a kernel comes from. */
export type Origin =
  /** A library's, and why it is not one that was tuned for this device, if it is not. */
  | { readonly kind: 'library'; readonly kernel: string; readonly reason?: string }
  /** Made for this very layer by the parameters of the most similar one, untried; and why there is no tuned one. */
  | { readonly kind: 'untuned'; readonly kernel: string; readonly reason: string }
  /** The kernel for every shape, and why nothing faster was to be had. */
  | { readonly kind: 'general'; readonly reason: string }
  | { readonly kind: 'binary'; readonly path: string; readonly symbol: string };

/** A kernel's code: a symbol of a shared object, or of the addon itself where there is no path. */
export interface Binary {
  readonly origin: Origin;
  readonly path: string | null;
  readonly symbol: string;
}

export interface DispatchOptions {
  readonly library?: KernelLibrary;
  /** Where compiled kernels are kept, instead of the user's own cache. */
  readonly cacheFolder?: string;
  /**
   * What does a layer that the library has no kernel for: the general kernel unless given, or one that is generated and
   * compiled for it, which takes seconds once and is far faster. Where none can be had the general one does it.
   */
  readonly untuned?: 'general' | 'generate';
}

/**
 * The best kernel that there is for a problem, or for the one that it is {@link computedAs}: the library's, compiled once,
 * else the general one.
 * @throws DeviceError if no kernel can do it, the library's source was changed or does not compile, or the cache
 *   cannot be written
 */
export async function dispatch(asked: Problem, target: CpuTarget, options: DispatchOptions): Promise<Binary> {
  requireProblem(asked);
  const problem = computedAs(asked);
  return bestKernel(convolutionOp(problem, 'CPU'), problem, target, options);
}

/** The library's kernel, else the general one. @throws DeviceError, see {@link dispatch} */
export async function bestKernel(
  op: GeneralOp,
  problem: Problem,
  target: CpuTarget,
  options: DispatchOptions,
): Promise<Binary> {
  const found = await publishedKernel(problem, target, options);
  if (typeof found !== 'string') return found;
  const made =
    options.untuned === 'generate' ? await untunedKernel(problem, target, found, options) : undefined;
  if (made) return made;
  return { origin: { kind: 'general', reason: found }, path: null, symbol: GENERAL_KERNELS[op] };
}

/** The library's kernel, or why there is none. @throws DeviceError, see {@link dispatch} */
export async function publishedKernel(
  problem: Problem,
  target: CpuTarget,
  options: DispatchOptions,
): Promise<Binary | string> {
  const { library } = options;
  requireLibrary(library);
  const entry = library?.find(problem, targetName(target));
  if (!library || !entry) return absence(problem, target, library);
  const compiler = await findCompiler();
  if (!compiler) return 'no C++ compiler: none of $CXX, g++, c++ and clang++ runs';
  const { name, file, fileHash } = entry;
  const text = new TextDecoder().decode(await publishedFile(library, file, fileHash));
  const path = await compiled(compiler, { name, text }, target, options);
  return { origin: { kind: 'library', kernel: name }, path, symbol: name };
}

async function untunedKernel(
  problem: Problem,
  target: CpuTarget,
  reason: string,
  options: DispatchOptions,
): Promise<Binary | undefined> {
  const compiler = await findCompiler();
  if (!compiler) return undefined;
  const { untunedSource } = await import('./untuned.js');
  const made = untunedSource(problem, target, options.library);
  if (!made) return undefined;
  const path = await compiled(compiler, made, target, options);
  return { origin: { kind: 'untuned', kernel: made.name, reason }, path, symbol: made.name };
}

function compiled(
  compiler: Compiler,
  { name, text }: { readonly name: string; readonly text: string },
  { isa }: CpuTarget,
  { cacheFolder: folder }: DispatchOptions,
): Promise<string> {
  const flags = compilerFlags(compiler, isa);
  return compile(compiler, { name, text, flags, ...(folder !== undefined && { folder }) });
}

/** Why a library has no kernel for a problem. */
export function absence(problem: Problem, target: Target, library: KernelLibrary | undefined): string {
  if (!library) return 'not in the library: none was given';
  const count = Object.keys(library.kernels).length;
  return `not in the library: ${layerName(problem)} on ${targetName(target)} is none of its ${count} kernels`;
}

/** A file as the library was published with it. @throws DeviceError if it is gone, or was changed since */
export async function publishedFile(
  { folder }: KernelLibrary,
  file: string,
  hash: string,
): Promise<Uint8Array> {
  const path = join(folder, file);
  const content = await readFile(path).catch((cause: unknown) => {
    throw damaged(path, `a kernel of the library cannot be read: ${systemReason(cause)}`, cause);
  });
  if (sha256(content) !== hash)
    throw damaged(path, 'this file is not the one that the library was published with');
  return content;
}

/** A library that does not hold together. */
function damaged(path: string, rule: string, cause?: unknown): DeviceError {
  return new DeviceError('user', {
    code: 'library-damaged',
    value: path,
    rule,
    remedy: 'restore it, or write the library anew with `oriented1d library publish`',
    cause,
  });
}
