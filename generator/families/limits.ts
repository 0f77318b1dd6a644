import type { Rule } from './family.js';

/** Longest straight-line body: beyond it compilers take minutes and the code leaves the instruction cache. */
export const MAX_MULTIPLY_ADDS = 4096;

const MAX_KERNEL = 255;

/** Refuses before a tile is looked for what would be refused after minutes for the length of its program. */
export const straightLineRule: Rule = {
  id: 'kernel-length',
  broken: ({ kernel }) =>
    kernel <= MAX_KERNEL
      ? undefined
      : `${kernel} taps are no straight-line code; it takes up to ${MAX_KERNEL}`,
};
