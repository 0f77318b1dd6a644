import { groups } from '../group.js';
import { type Extent, type Problem, weightsOf } from '../problem.js';
import { multiplyAdds, type Program } from '../program.js';
import { bestTile, type Tile } from '../tile.js';
import type { Rule } from './family.js';
import type { GradientBody } from './gradient_chunk.js';
import { type Gradients, gradientCount } from './gradient_text.js';

/** Longest straight-line body: beyond it compilers take minutes and the code leaves the instruction cache. */
const MAX_MULTIPLY_ADDS = 4096;

/** Offsets and counts in kernels are 32-bit: they stay below this. */
export const MAX_OFFSET = 2 ** 31;

const MAX_KERNEL = 255;

/** Refuses before a tile is looked for what would be refused after minutes for the length of its program. */
export const straightLineRule: Rule = {
  id: 'kernel-length',
  broken: (problem) =>
    weightsOf(problem) <= MAX_KERNEL
      ? undefined
      : `${weightsOf(problem)} taps are no straight-line code; it takes up to ${MAX_KERNEL}`,
};

/**
 * What is wrong with tiles of so many pixels of a plane, or undefined if nothing is: one that is longer than every side, or a
 * rectangle that is higher or wider than the plane, only computes what it throws away.
 * @param what the pixels are called
 */
export function tooLarge(
  problem: Problem,
  length: number,
  { height, width }: Extent,
  what: 'outputs' | 'pixels',
): string | undefined {
  if (problem.filter === 'line')
    return length >= 1 && length <= Math.max(height, width)
      ? undefined
      : `no line of ${length} ${what} fits into ${height}x${width}`;
  if (length >= 1 && length <= height * width) {
    const { step } = bestTile(groups(problem)[0]!.taps, length);
    if (step.y <= height && step.x <= width) return undefined;
  }
  return `no tile of ${length} ${what} fits into ${height}x${width}`;
}

/** What is wrong with bands of so many rows if tiles start at multiples of more than one row, or undefined if nothing is. */
export function apartFromTiles(tiles: readonly Tile[], band: number): string | undefined {
  const apart = tiles.find(({ step }) => band % step.y !== 0);
  return apart && `bands of ${band} rows do not start where tiles of ${apart.step.y} do`;
}

/** What is wrong with the longest of these bodies, each printed `copies` times, or undefined if nothing is. */
export function tooLong(bodies: readonly { readonly program: Program }[], copies = 1): string | undefined {
  return tooManyMultiplyAdds(copies * Math.max(...bodies.map(({ program }) => multiplyAdds(program))));
}

/** What is wrong with the longest of these directions' gradients, all parts together, or undefined if nothing is. */
export function tooLongGradients(bodies: readonly GradientBody[], gradients: Gradients): string | undefined {
  const pairs = bodies.map(({ parts }) => parts.reduce((sum, { program }) => sum + multiplyAdds(program), 0));
  return tooManyMultiplyAdds(Math.max(...pairs) * gradientCount(gradients));
}

/** Products that a thread may add up in float32 one after the other: a sum is as exact as it is short. */
const MAX_PRODUCTS = 4096;

/** What is wrong with sums of so many products, or undefined if nothing is. */
export function tooManyProducts(products: number): string | undefined {
  return products <= MAX_PRODUCTS
    ? undefined
    : `a thread would add up ${products} products in float32, more than ${MAX_PRODUCTS}`;
}

/** What is wrong with a longest body of so many multiply-adds, or undefined if nothing is. */
export function tooManyMultiplyAdds(longest: number): string | undefined {
  return longest <= MAX_MULTIPLY_ADDS
    ? undefined
    : `a body of ${longest} multiply-adds is longer than the ${MAX_MULTIPLY_ADDS} that are compiled as straight-line code`;
}
