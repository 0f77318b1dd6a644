import { join } from 'node:path';
import { invoke } from '../process.js';
import { toolkitFolders } from './toolkit.js';

/** nvcc, CUDA's compiler as a program, that was seen to run. */
export interface Nvcc {
  readonly path: string;
  /** `13.0.88`. */
  readonly version: string;
}

/** nvcc from PATH or a CUDA toolkit: the first that runs. Undefined if none does. */
export async function findNvcc(): Promise<Nvcc | undefined> {
  const paths = ['nvcc', ...toolkitFolders().map((folder) => join(folder, 'bin', 'nvcc'))];
  for (const path of paths) {
    const outcome = await invoke([path, '--version']).catch(() => undefined);
    const version = outcome?.code === 0 && /\bV([\d.]+)/.exec(outcome.stdout)?.[1];
    if (version) return { path, version };
  }
  return undefined;
}
