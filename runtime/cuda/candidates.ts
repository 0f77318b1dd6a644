import type { CudaKernelEntry, KernelEntry, KernelImage } from '../../generator/library/entry.js';
import { layerName } from '../../generator/name.js';
import type { Problem } from '../../generator/problem.js';
import { parseKernelName } from '../../generator/schedule.js';
import { type CudaTarget, capability } from '../../generator/target.js';
import type { KernelLibrary } from '../library.js';

/** A kernel of a library that runs on a GPU, as far as its source goes. */
export interface Candidate {
  readonly entry: CudaKernelEntry;
  /** What to compile it for: `sm_90`. */
  readonly arch: string;
  /** Its image, if that runs on this GPU. */
  readonly image: KernelImage | undefined;
  /** Why it may not be the fastest that there could be: it was tuned for other GPUs. */
  readonly reason?: string;
}

/**
 * The kernels of a library for a problem that run on a GPU, best first: those that were tuned for its architecture, then
 * for older ones, newest first, then for newer ones, oldest first. One for another architecture has to be legal here;
 * one for an architecture's own dialect (`sm_90a`) runs nowhere else.
 */
export function candidates(
  library: KernelLibrary,
  problem: Problem,
  target: CudaTarget,
): readonly Candidate[] {
  const layer = layerName(problem);
  return Object.values(library.kernels)
    .filter(isCuda)
    .filter((entry) => entry.layer === layer)
    .map((entry) => ({ entry, arch: archOf(entry) }))
    .toSorted((a, b) => rank(a.arch, target.arch) - rank(b.arch, target.arch))
    .flatMap(({ entry, arch }) => candidate(entry, arch, target));
}

function candidate(entry: CudaKernelEntry, arch: string, target: CudaTarget): readonly Candidate[] {
  if (capability(arch) === capability(target.arch)) return [{ entry, arch, image: entry.image }];
  if (isDialect(arch) || !isLegal(entry.name, target)) return [];
  const reason = `tuned for ${arch}, not for this GPU's ${target.arch}`;
  const image = cubinRuns(arch, target.arch) ? entry.image : undefined;
  return [{ entry, arch: target.arch, image, reason }];
}

function isCuda(entry: KernelEntry): entry is CudaKernelEntry {
  return entry.launch !== undefined;
}

function archOf({ target }: CudaKernelEntry): string {
  return target.slice('cuda:'.length);
}

/** The smaller, the sooner. */
function rank(arch: string, here: string): number {
  const newer = capability(arch) - capability(here);
  if (newer === 0) return arch === here ? 0 : 1;
  return newer < 0 ? 1 - newer : 1000 + newer;
}

function isDialect(arch: string): boolean {
  return arch.endsWith('a');
}

/** A cubin runs on GPUs with the same major and no smaller minor number. */
function cubinRuns(arch: string, here: string): boolean {
  const [made, device] = [capability(arch), capability(here)];
  return Math.floor(made / 10) === Math.floor(device / 10) && made <= device;
}

/** Whether a kernel's family lets it run on a target; no, if this version does not know it. */
function isLegal(name: string, target: CudaTarget): boolean {
  try {
    parseKernelName(name, target);
    return true;
  } catch {
    return false;
  }
}
