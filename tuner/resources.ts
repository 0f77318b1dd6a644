import type { Source } from '../generator/source.js';

/** What a kernel takes of a machine beside time. Of two that are as fast, the one that takes less leaves more to others. */
export interface Resources {
  /** A block of a CUDA kernel, in bytes. */
  readonly sharedBytes: number;
  /** A thread of a CUDA kernel; 0 where the driver has not told. */
  readonly registers: number;
  /** A block of a CUDA kernel. */
  readonly threads: number;
  /** Characters of its source, which its code grows with. */
  readonly length: number;
}

/** What the driver tells of a CUDA kernel that it has loaded. */
export type LoadedResources = Omit<Resources, 'length'>;

const NONE: LoadedResources = { sharedBytes: 0, registers: 0, threads: 0 };

/** @param loaded where the kernel was loaded, on a GPU */
export function resourcesOf({ text, launch }: Source, loaded?: LoadedResources): Resources {
  const { sharedBytes, registers, threads } = loaded ?? { ...NONE, ...launch };
  return Object.freeze({ sharedBytes, registers, threads, length: text.length });
}

/** Below 0 where `a` is the cheaper one: what is scarcest decides first. */
export function compareResources(a: Resources, b: Resources): number {
  return (
    a.sharedBytes - b.sharedBytes || a.registers - b.registers || a.threads - b.threads || a.length - b.length
  );
}
