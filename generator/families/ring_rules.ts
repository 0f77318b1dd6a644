import { groups } from '../group.js';
import { type Problem, weightsOf } from '../problem.js';
import { tileCountRule } from './box_rules.js';
import type { MakeRule } from './cuda_rules.js';
import type { Rule } from './family.js';
import { MAX_OFFSET } from './limits.js';
import { BLOCK_THREADS, WARP } from './multiprocessor.js';
import { MAX_BOX, planeBox } from './plane_box.js';
import type { RingParams } from './ring.js';
import { isTurned, ringLayer } from './ring_turn.js';

/** Blocks that half of an H100 has room for at a time: one that does not run keeps the others waiting. */
const SIDE_BY_SIDE = 64;

/**
 * How a plane is cut into tiles and bands, and how many threads and images go through it.
 * @param producers warps of a block that only fetch
 */
export function ringRules<T extends RingParams>(
  rule: MakeRule<T>,
  producers: (params: T) => number,
): readonly Rule[] {
  return [
    // Places of tiles are 32-bit, also of those that a warp works out and then has not: of images behind the last one, by as many
    // as it has tasks more than one has, and of lines that a tile sticks out by.
    rule('images', (problem, { images, warps }) => {
      const { height, width, channels, kernel } = problem;
      const beside = (warps + 1) * height * width + (kernel + 2 * WARP) * Math.max(height, width);
      const floats = channels * Math.max(images * height * width + beside, weightsOf(problem) + 1);
      return images >= 1 && floats < MAX_OFFSET
        ? undefined
        : `${floats} floats of ${images} images with what lies beside them, or of weights, are none or beyond offsets of 32 bits`;
    }),
    tileCountRule(rule),
    // All bands are alike, since one tensor map serves them.
    rule('bands', (problem, { bands, depth }) => {
      const { height } = ringLayer(problem);
      const rows = isTurned(problem) ? 'columns' : 'rows';
      return bands >= 1 && bands * depth <= WARP && height % bands === 0
        ? undefined
        : `${height} ${rows} are not dealt out to ${bands} bands of equal size, of which a warp makes up to ${WARP} for ${depth} planes`;
    }),
    rule('depth', (_, { images, depth }) =>
      depth >= 1 && depth <= images
        ? undefined
        : `blocks of ${images} images hold at least 1 of their planes, and not ${depth}`,
    ),
    lagRule(rule, producers),
    rule('box', (problem, { channels, tiles, bands }) => {
      const layer = ringLayer(problem);
      const { columns } = planeBox(layer, channels, tiles);
      const rows = layer.height / bands;
      return Math.max(rows, columns) <= MAX_BOX
        ? undefined
        : `a box of ${rows}x${columns} pixels has a side beyond the copy engine's ${MAX_BOX}`;
    }),
    rule('threads', (_, params, machine) => {
      const { warps, resident } = params;
      const threads = WARP * (warps + producers(params));
      return warps >= 1 &&
        resident >= 1 &&
        threads <= BLOCK_THREADS &&
        threads * resident <= machine.threads &&
        resident <= machine.blocks
        ? undefined
        : `${resident} blocks of ${threads} threads are more than a multiprocessor's ${machine.blocks} or ${machine.threads}, or a block's ${BLOCK_THREADS}`;
    }),
  ];
}

/**
 * What is wrong with blocks that wait for others of their images, or undefined if nothing is: those must run at the same time, at the
 * same pace.
 * @param lag bands, at least 1
 * @param of blocks of an image, and bands of a block
 */
export function brokenLag(
  problem: Problem,
  lag: number,
  { blocks, bands }: { readonly blocks: number; readonly bands: number },
): string | undefined {
  if (groups(problem).length > 1) return 'blocks of several directions do not go at one pace';
  if (lag >= bands) return `no block can be ${lag} of ${bands} bands ahead`;
  return blocks <= SIDE_BY_SIDE
    ? undefined
    : `${blocks} blocks of an image are more than the ${SIDE_BY_SIDE} that run side by side for certain`;
}

function lagRule<T extends RingParams>(rule: MakeRule<T>, producers: (params: T) => number): Rule {
  return rule('lag', (problem, params) => {
    const { lag, channels, images, bands } = params;
    if (lag === 0) return undefined;
    if (producers(params) === 0)
      return 'a warp that only fetches can wait for other blocks, and there is none';
    return brokenLag(problem, lag, {
      blocks: Math.ceil(problem.channels / channels),
      bands: images * bands,
    });
  });
}
