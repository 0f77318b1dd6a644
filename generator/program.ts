import { memoizeEach } from './memo.js';
import type { Extent } from './problem.js';
import type { Tap, TapSet } from './taps.js';
import { isTiled, type Point, type Tile } from './tile.js';

/** One multiply-add: `output += input * weight[tap]`. */
export interface Use {
  readonly output: number;
  readonly tap: number;
}

/** One input pixel, at (dy, dx) from the tile's input origin (origin * stride), and all that it is used for. */
export interface Load {
  readonly dy: number;
  readonly dx: number;
  readonly uses: readonly Use[];
}

/**
 * The straight-line body of a tile, for every target: load each input once, use it for all outputs that it reaches,
 * store. Loads are ordered along the line, so that only about min(T, taps) weights are live at a time; those of a
 * rectangle row by row, so that only its rows times a row of taps are; those of a straight tile line by line, of which each
 * has taps of its own.
 */
export interface Program {
  readonly kind: 'program';
  readonly taps: TapSet;
  readonly tile: Tile;
  readonly stride: number;
  readonly input: Extent;
  readonly output: Extent;
  readonly loads: readonly Load[];
  /** Where tiles start, in output pixels: every output is in exactly one tile; edge tiles stick out. */
  readonly origins: { readonly y: Lattice; readonly x: Lattice };
}

/** from, from + step, .. < to. */
export interface Lattice {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export interface Plane {
  readonly input: Extent;
  readonly output: Extent;
  readonly stride: number;
  /** The outputs are a region of a larger plane: inputs lie around it, too, and none is known to be outside. */
  readonly region?: true;
}

/**
 * fprop: y[o] += w[t] * x[o*s + t]. Multiply-adds that meet only zeros outside of the plane, whatever the tile's
 * origin, are left out: at 14x14 a line of 14 outputs and 31 taps needs 14 loads instead of 44.
 */
export function fpropProgram(taps: TapSet, tile: Tile, plane: Plane): Program {
  const { input, output, stride } = plane;
  const origins = { y: lattice('y', tile, output), x: lattice('x', tile, output) };
  const loads = new Map<string, { dy: number; dx: number; uses: Use[] }>();
  taps.taps.forEach((tap, t) => {
    tile.outputs.forEach((output, o) => {
      if (!alive(output, tap, plane, origins, tile)) return;
      const dy = output.y * plane.stride + tap.dy;
      const dx = output.x * plane.stride + tap.dx;
      const load = loads.get(`${dy},${dx}`) ?? { dy, dx, uses: [] };
      load.uses.push({ output: o, tap: t });
      loads.set(`${dy},${dx}`, load);
    });
  });
  return Object.freeze({
    kind: 'program',
    taps,
    tile,
    input,
    output,
    stride,
    loads: Object.freeze([...loads.values()].sort(orderOf(tile))),
    origins,
  });
}

export const multiplyAdds = memoizeEach((program: Program): number =>
  program.loads.reduce((sum, load) => sum + load.uses.length, 0),
);

/** How many values a lattice has. */
export function latticeSize({ from, to, step }: Lattice): number {
  return Math.max(0, Math.ceil((to - from) / step));
}

export function lastOf({ from, to, step }: Lattice): number {
  return from + (latticeSize({ from, to, step }) - 1) * step;
}

/** The share of tiles for which a load is inside on an axis. */
export function insideShare({ origins, stride, input }: Program, { dy, dx }: Load, axis: 'y' | 'x'): number {
  const { from, step } = origins[axis];
  const [offset, size] = axis === 'y' ? [dy, input.height] : [dx, input.width];
  const count = latticeSize(origins[axis]);
  const [first, apart] = [from * stride + offset, step * stride];
  // Places are first + i * apart: those before the plane, and those not beyond it.
  const before = Math.max(0, Math.ceil(-first / apart));
  const notBeyond = Math.min(count, Math.ceil((size - first) / apart));
  return Math.max(0, notBeyond - before) / count;
}

/** Along the major axis tiles follow one another; across it they start wherever some output is inside. */
function lattice(axis: 'y' | 'x', tile: Tile, { height, width }: Extent): Lattice {
  const size = axis === 'y' ? height : width;
  if (isTiled(tile, axis)) return { from: 0, to: size, step: tile.step[axis] };
  const shears = tile.outputs.map((output) => output[axis]);
  return { from: -Math.max(...shears), to: size - Math.min(...shears), step: 1 };
}

/** Does some origin exist for which the output is inside the output plane and the input inside the input plane? */
function alive(output: Point, tap: Tap, plane: Plane, origins: Program['origins'], tile: Tile): boolean {
  const meets = (axis: 'y' | 'x', offset: number, delta: number, out: number, input: number) => {
    // Across the line any output position occurs; along it only those of this output's residue.
    const start = isTiled(tile, axis) ? offset : 0;
    const step = isTiled(tile, axis) ? origins[axis].step : 1;
    for (let o = start; o < out; o += step) {
      const i = o * plane.stride + delta;
      if (plane.region || (i >= 0 && i < input)) return true;
    }
    return false;
  };
  return (
    meets('y', output.y, tap.dy, plane.output.height, plane.input.height) &&
    meets('x', output.x, tap.dx, plane.output.width, plane.input.width)
  );
}

function orderOf({ form, major }: Tile): (a: Load, b: Load) => number {
  switch (form) {
    case 'line':
      return major === 'y' ? alongY : alongX;
    case 'rectangle':
      return alongY;
    case 'straight':
      return major === 'y' ? alongX : alongY;
    default:
      return form satisfies never;
  }
}

function alongY(a: Load, b: Load): number {
  return a.dy - b.dy || a.dx - b.dx;
}

function alongX(a: Load, b: Load): number {
  return a.dx - b.dx || a.dy - b.dy;
}
