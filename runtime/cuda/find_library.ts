import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { invoke } from '../process.js';
import { isCudaFailure } from './failure.js';
import { toolkitFolders } from './toolkit.js';

/** A library of CUDA's that is opened at run time. */
export interface SoughtLibrary<T> {
  /** `libnvrtc`. */
  readonly stem: string;
  /** Names under which the loader may know it, best first. */
  readonly names: readonly string[];
  /** Throws a CudaFailure where it cannot be opened. */
  readonly open: (path: string) => T;
}

/** Prints the folders that Python imports from. */
const PYTHON = ['python3', '-c', 'import sys; print("\\n".join(sys.path))'];

/**
 * A library from the loader's own path, a CUDA toolkit, or the wheels of the user's Python: the first that opens.
 * Undefined if none does.
 */
export async function findLibrary<T>({ stem, names, open }: SoughtLibrary<T>): Promise<T | undefined> {
  const installed = toolkitFolders().flatMap((folder) => librariesIn(join(folder, 'lib64'), stem));
  return firstThatOpens([...names, ...installed], open) ?? firstThatOpens(await wheelLibraries(stem), open);
}

function firstThatOpens<T>(paths: readonly string[], open: (path: string) => T): T | undefined {
  for (const path of paths) {
    try {
      return open(path);
    } catch (error) {
      if (!isCudaFailure(error)) throw error;
    }
  }
  return undefined;
}

/** <site-packages>/nvidia/<cuda_nvrtc, cublas, ..>/lib up to CUDA 12, nvidia/cu13/lib since. */
async function wheelLibraries(stem: string): Promise<readonly string[]> {
  const outcome = await invoke(PYTHON).catch(() => undefined);
  const folders = outcome?.code === 0 ? outcome.stdout.split('\n').filter(Boolean) : [];
  return folders
    .map((folder) => join(folder, 'nvidia'))
    .flatMap((folder) => entries(folder).flatMap((name) => librariesIn(join(folder, name, 'lib'), stem)));
}

/** Newest first. */
function librariesIn(folder: string, stem: string): readonly string[] {
  const file = new RegExp(`^${stem}\\.so(\\.[\\d.]+)?$`);
  return entries(folder)
    .filter((name) => file.test(name))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(folder, name));
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no such folder
  }
}
