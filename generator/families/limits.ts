import { multiplyAdds, type Program } from '../program.js';
import type { Rule } from './family.js';

/** Longest straight-line body: beyond it compilers take minutes and the code leaves the instruction cache. */
const MAX_MULTIPLY_ADDS = 4096;

const MAX_KERNEL = 255;

/** Refuses before a tile is looked for what would be refused after minutes for the length of its program. */
export const straightLineRule: Rule = {
  id: 'kernel-length',
  broken: ({ kernel }) =>
    kernel <= MAX_KERNEL
      ? undefined
      : `${kernel} taps are no straight-line code; it takes up to ${MAX_KERNEL}`,
};

/** What is wrong with the longest of these bodies, each printed `copies` times, or undefined if nothing is. */
export function tooLong(bodies: readonly { readonly program: Program }[], copies = 1): string | undefined {
  return tooManyMultiplyAdds(copies * Math.max(...bodies.map(({ program }) => multiplyAdds(program))));
}

/** What is wrong with a longest body of so many multiply-adds, or undefined if nothing is. */
export function tooManyMultiplyAdds(longest: number): string | undefined {
  return longest <= MAX_MULTIPLY_ADDS
    ? undefined
    : `a body of ${longest} multiply-adds is longer than the ${MAX_MULTIPLY_ADDS} that are compiled as straight-line code`;
}
