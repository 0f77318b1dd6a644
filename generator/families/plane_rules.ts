import { gradSize } from '../gradient.js';
import type { MakeRule } from './cuda_rules.js';
import type { Rule } from './family.js';
import { tooLarge } from './limits.js';
import { BLOCK_THREADS, WARP } from './multiprocessor.js';

/** What families have in common that copy whole planes, in NCHW. */
interface PlaneParams {
  /** Pixels a tile of lines that advance along rows, and along columns. */
  readonly shallow: number;
  readonly steep: number;
  /** Images that a block takes at a time, and in all. */
  readonly planes: number;
  readonly images: number;
  /** Of a block. */
  readonly threads: number;
  /** Blocks a multiprocessor. */
  readonly resident: number;
}

/** How planes are copied and cut into tiles: what the layer reads, and what it writes, or the gradient of that. */
export function planeRules<T extends PlaneParams>(rule: MakeRule<T>): readonly Rule[] {
  return [
    // The copy engine moves units of 16 bytes that start at multiples of 16 bytes, and every plane starts where the last ends.
    rule('plane-bytes', (problem) => {
      const grad = gradSize(problem);
      const sizes = [problem.height * problem.width, grad.height * grad.width];
      return sizes.every((size) => size % 4 === 0)
        ? undefined
        : `planes of ${sizes.map((size) => 4 * size).join(' and ')} bytes are no multiples of the 16 that are copied at once`;
    }),
    // Offsets within a plane are 32-bit numbers.
    rule('plane-size', ({ height, width }) =>
      height * width < 2 ** 29
        ? undefined
        : `a plane of ${4 * height * width} bytes has places beyond 32-bit numbers`,
    ),
    // A tile that is longer than the plane only computes what it throws away.
    rule('tile-length', (problem, { shallow, steep }) => {
      const { height, width } = gradSize(problem);
      if (problem.filter === 'square') return tooLarge(problem, shallow, { height, width }, 'pixels');
      return shallow >= 1 && steep >= 1 && shallow <= width && steep <= height
        ? undefined
        : `tiles of ${shallow} along rows and ${steep} along columns do not fit into ${height}x${width}`;
    }),
    // A step has buffers for `planes` images; a number that they do not divide leaves some of them empty.
    rule('images', (_, { planes, images }) =>
      planes >= 1 && images >= planes && images % planes === 0
        ? undefined
        : `${images} images a block are not taken ${planes} at a time`,
    ),
  ];
}

/** Blocks are whole warps, and a multiprocessor holds so many of them. */
export function threadsRule<T extends PlaneParams>(rule: MakeRule<T>): Rule {
  return rule('threads', (_, { threads, resident }, machine) => {
    const whole = threads >= WARP && threads % WARP === 0 && threads <= BLOCK_THREADS;
    return whole && resident >= 1 && resident <= machine.blocks && threads * resident <= machine.threads
      ? undefined
      : `${resident} blocks of ${threads} threads are no whole warps, or more than a multiprocessor's ${machine.blocks} or ${machine.threads}, or a block's ${BLOCK_THREADS}`;
  });
}
