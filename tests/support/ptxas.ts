import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Nvcc } from '../../runtime/cuda/nvcc.js';
import { invoke } from '../../runtime/process.js';
import { temporaryFolder } from './temporary_folder.js';

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

/**
 * Compiles a text for several architectures.
 * @throws Error with nvcc's words if it does not compile
 */
export async function ptxas(
  nvcc: Nvcc,
  text: string,
  archs: readonly string[],
): Promise<readonly PtxasReport[]> {
  const file = join(temporaryFolder(), 'kernel.cu');
  await writeFile(file, text);
  const targets = archs.flatMap((arch) => ['-gencode', `arch=${arch.replace('sm', 'compute')},code=${arch}`]);
  // No code for the host, which takes half of the time: none is made of a kernel elsewhere either.
  const flags = ['-O3', '-std=c++17', '-Xptxas', '-v', '-fatbin', ...targets];
  const { code, stdout, stderr } = await invoke([nvcc.path, ...flags, file, '-o', `${file}bin`]);
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
