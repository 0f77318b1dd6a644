import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Nvcc } from '../../runtime/cuda/nvcc.js';
import { invoke } from '../../runtime/process.js';

/** What ptxas says of one kernel on one architecture. */
export interface PtxasReport {
  readonly kernel: string;
  readonly arch: string;
  /** A thread. */
  readonly registers: number;
  /** Local memory that a thread has for arrays and spilled registers, in bytes. */
  readonly stackBytes: number;
  /** Stores and loads of spilled registers, in bytes. */
  readonly spillBytes: number;
}

const REPORT =
  /Compiling entry function '(\w+)' for '(\w+)'[\s\S]*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads[\s\S]*?Used (\d+) registers/g;

/** A text whose kernels are called as it is, or so with an underscore and more behind it, and where it is to be compiled for. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
  readonly archs: readonly string[];
}

/**
 * Compiles texts with one another, an architecture at a time: to start takes half a second each time.
 * @returns what ptxas says of the kernels of a text, by its name
 * @throws Error with nvcc's words if one does not compile
 */
export async function ptxasTogether(
  nvcc: Nvcc,
  texts: readonly NamedText[],
): Promise<(name: string) => readonly PtxasReport[]> {
  const reports: PtxasReport[] = [];
  for (const arch of new Set(texts.flatMap(({ archs }) => archs))) {
    const those = texts.filter(({ archs }) => archs.includes(arch));
    reports.push(...(await ptxas(nvcc, those.map(({ text }) => text).join('\n'), [arch])));
  }
  return (name) => reports.filter(({ kernel }) => kernel === name || kernel.startsWith(`${name}_`));
}

/**
 * Compiles a text for several architectures.
 * @throws Error with nvcc's words if it does not compile
 */
export async function ptxas(
  nvcc: Nvcc,
  text: string,
  archs: readonly string[],
): Promise<readonly PtxasReport[]> {
  const targets = archs.flatMap((arch) => ['-gencode', `arch=${arch.replace('sm', 'compute')},code=${arch}`]);
  // No code for the host, which takes half of the time: none is made of a kernel elsewhere either.
  const flags = ['-O3', '-std=c++17', '-Xptxas', '-v', '-fatbin', ...targets];
  const folder = await mkdtemp(join(tmpdir(), 'oriented1d-'));
  const file = join(folder, 'kernel.cu');
  await writeFile(file, text);
  const { code, stdout, stderr } = await invoke([nvcc.path, ...flags, file, '-o', `${file}bin`]).finally(() =>
    rm(folder, { recursive: true }),
  );
  if (code !== 0) throw new Error(stderr);
  return [...`${stdout}${stderr}`.matchAll(REPORT)].map(
    ([, kernel, arch, stack, stores, loads, registers]) => ({
      kernel: kernel!,
      arch: arch!,
      registers: Number(registers),
      stackBytes: Number(stack),
      spillBytes: Number(stores) + Number(loads),
    }),
  );
}
