import type { MakeRule } from './cuda_rules.js';
import type { Rule } from './family.js';
import { WARP } from './multiprocessor.js';
import { BOX_ALIGNMENT, MAX_BOX, planeBox } from './plane_box.js';

/** What families have in common whose blocks keep a plane in a ring of bands (ring.ts). */
interface RingParams {
  /** Of a block. */
  readonly channels: number;
  /** Of a line. */
  readonly tiles: number;
  /** Of a block that compute. */
  readonly warps: number;
  /** Blocks a multiprocessor. */
  readonly resident: number;
  readonly bands: number;
}

/**
 * How a plane is cut into bands, and how many threads go through it.
 * @param producers warps of a block that only fetch
 */
export function ringRules<T extends RingParams>(
  rule: MakeRule<T>,
  producers: (params: T) => number,
): readonly Rule[] {
  return [
    // All bands are alike, since one tensor map serves them.
    rule('bands', ({ height }, { bands }) =>
      bands >= 1 && bands <= WARP && height % bands === 0
        ? undefined
        : `${height} rows are not dealt out to ${bands} bands of equal height, of which a warp makes up to ${WARP}`,
    ),
    rule('box', (problem, { channels, tiles, bands }) => {
      const { columns } = planeBox(problem, channels, tiles);
      const rows = problem.height / bands;
      return Math.max(rows, columns) <= MAX_BOX
        ? undefined
        : `a box of ${rows}x${columns} pixels has a side beyond the copy engine's ${MAX_BOX}`;
    }),
    rule('threads', (_, params, machine) => {
      const { warps, resident } = params;
      const threads = WARP * (warps + producers(params));
      return warps >= 1 &&
        resident >= 1 &&
        threads <= 1024 &&
        threads * resident <= machine.threads &&
        resident <= machine.blocks
        ? undefined
        : `${resident} blocks of ${threads} threads are more than a multiprocessor's ${machine.blocks} or ${machine.threads}, or a block's 1024`;
    }),
  ];
}

/** What is wrong with bands of so many bytes, or undefined if nothing is: the copy engine writes to multiples of 128. */
export function unalignedBands(bands: number, bytes: number): string | undefined {
  return bands === 1 || bytes % BOX_ALIGNMENT === 0
    ? undefined
    : `bands of ${bytes} bytes do not start at multiples of ${BOX_ALIGNMENT}`;
}
