import { groups } from '../generator/group.js';
import { type Layout, OPS, type Problem, weightsOf } from '../generator/problem.js';

/** A problem without its batch as the kernels read it: `O1dShape` in runtime/native/oriented1d_kernel.h, and the operation. */
export interface Shape {
  /** 0 fprop, 1 dgrad, 2 wgrad, 3 backward: what is read and what is written. */
  readonly op: number;
  /** 0 NCHW, 1 NHWC. */
  readonly layout: 0 | 1;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly stride: number;
  /** Weights a channel: of square filters K*K. */
  readonly kernel: number;
  /** Group g owns the channels [first[g], first[g + 1]). */
  readonly first: Int32Array;
  /** [groups][kernel]: where tap k of a group reads, unfolded. */
  readonly dy: Int32Array;
  readonly dx: Int32Array;
}

const LAYOUT_CODES = { nchw: 0, nhwc: 1 } as const satisfies Record<Layout, number>;

export function shape(problem: Problem): Shape {
  const { op, layout, channels, height, width, stride } = problem;
  const kernel = weightsOf(problem);
  const owners = groups(problem);
  const dy = new Int32Array(owners.length * kernel);
  const dx = new Int32Array(owners.length * kernel);
  owners.forEach(({ taps }, group) => {
    for (const tap of taps.taps)
      for (const k of tap.weights) {
        dy[group * kernel + k] = tap.dy;
        dx[group * kernel + k] = tap.dx;
      }
  });
  const first = Int32Array.from([0, ...owners.map(({ to }) => to)]);
  return Object.freeze({
    op: OPS.indexOf(op),
    layout: LAYOUT_CODES[layout],
    channels,
    height,
    width,
    stride,
    kernel,
    first,
    dy,
    dx,
  });
}
