import { type Lattice, lastOf, type Program } from './program.js';
import { isTiled } from './tile.js';

/**
 * A band of the input staged in scratch memory with its zeros around it, so that a tile's loads need no tests.
 * Pixel (y, x) of the band lies at ((y - top) * pitch + (x - left)), after `before` pixels of slack; rows count from
 * the band's first output row times the stride.
 *
 * Only what valid outputs read has its own place. Outputs of an edge tile that stick out of the plane are computed and
 * thrown away: what they read may be a neighbouring row, or the slack before and after.
 */
export interface Slab {
  readonly kind: 'slab';
  /** First row and column, relative to the band's first input row and to the plane's first column. */
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly pitch: number;
  /** Slack, in pixels. */
  readonly before: number;
  readonly after: number;
}

/**
 * @param bandRows output rows a band; the last band may have fewer
 */
export function slabOf(program: Program, bandRows: number): Slab {
  const rows = needed(program, 'y', bandRows);
  const columns = needed(program, 'x', program.output.width);
  const top = rows.min;
  const left = columns.min;
  const height = rows.max - rows.min + 1;
  const pitch = columns.max - columns.min + 1;
  const y = bandOrigins(program, bandRows);
  const { x } = program.origins;
  const at = (dy: number, dx: number) => (dy - top) * pitch + (dx - left);
  const { stride } = program;
  const first = program.loads.map((l) => at(y.from * stride + l.dy, x.from * stride + l.dx));
  const last = program.loads.map((l) => at(lastOf(y) * stride + l.dy, lastOf(x) * stride + l.dx));
  return Object.freeze({
    kind: 'slab',
    top,
    left,
    rows: height,
    pitch,
    before: Math.max(0, -Math.min(0, ...first)),
    after: Math.max(0, Math.max(0, ...last) - (height * pitch - 1)),
  });
}

/** Tile origins of a full band, relative to its first output row. */
export function bandOrigins({ tile, origins }: Program, bandRows: number): Lattice {
  if (isTiled(tile, 'y')) return { from: 0, to: bandRows, step: origins.y.step };
  const shears = tile.outputs.map((output) => output.y);
  return { from: -Math.max(...shears), to: bandRows - Math.min(...shears), step: 1 };
}

/** Pixels of the whole slab, slack included. */
export function slabPixels({ before, rows, pitch, after }: Slab): number {
  return before + rows * pitch + after;
}

/** The input range that valid outputs read, along one axis. */
function needed(program: Program, axis: 'y' | 'x', size: number): { min: number; max: number } {
  const { tile, taps, stride, origins } = program;
  const along = isTiled(tile, axis);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const load of program.loads)
    for (const { output, tap } of load.uses) {
      const step = along ? origins[axis].step : 1;
      const start = along ? tile.outputs[output]![axis] : 0;
      if (start >= size) continue;
      const end = start + Math.floor((size - 1 - start) / step) * step;
      const delta = axis === 'y' ? taps.taps[tap]!.dy : taps.taps[tap]!.dx;
      min = Math.min(min, start * stride + delta);
      max = Math.max(max, end * stride + delta);
    }
  return Number.isFinite(min) ? { min, max } : { min: 0, max: 0 };
}
