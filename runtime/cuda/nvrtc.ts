import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { invoke } from '../process.js';
import { cudaAddon, type NativeNvrtc } from './addon.js';
import { isCudaFailure } from './failure.js';
import { toolkitFolders } from './toolkit.js';

/** Names under which the loader may know it. */
const NAMES = ['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2', 'libnvrtc.so'];

/** Prints the folders that Python imports from. */
const PYTHON = ['python3', '-c', 'import sys; print("\\n".join(sys.path))'];

/**
 * NVRTC from the loader's own path, a CUDA toolkit, or the wheels of the user's Python: the first that opens.
 * Undefined if none does.
 */
export async function findNvrtc(): Promise<NativeNvrtc | undefined> {
  const here = [...NAMES, ...toolkitFolders().flatMap((folder) => librariesIn(join(folder, 'lib64')))];
  return firstThatOpens(here) ?? firstThatOpens(await wheelLibraries());
}

function firstThatOpens(paths: readonly string[]): NativeNvrtc | undefined {
  for (const path of paths) {
    try {
      return cudaAddon().nvrtc(path);
    } catch (error) {
      if (!isCudaFailure(error)) throw error;
    }
  }
  return undefined;
}

/** <site-packages>/nvidia/cuda_nvrtc/lib up to CUDA 12, nvidia/cu13/lib since. */
async function wheelLibraries(): Promise<readonly string[]> {
  const outcome = await invoke(PYTHON).catch(() => undefined);
  const folders = outcome?.code === 0 ? outcome.stdout.split('\n').filter(Boolean) : [];
  return folders
    .map((folder) => join(folder, 'nvidia'))
    .flatMap((folder) => entries(folder).flatMap((name) => librariesIn(join(folder, name, 'lib'))));
}

/** Newest first. */
function librariesIn(folder: string): readonly string[] {
  return entries(folder)
    .filter((name) => /^libnvrtc\.so(\.[\d.]+)?$/.test(name))
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
