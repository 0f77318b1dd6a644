import type { TensorMap } from '../launch.js';
import { weightsOf } from '../problem.js';
import type { Program } from '../program.js';
import type { Printable } from '../template.js';
import { plus } from './cuda_text.js';
import { MULTIPROCESSORS } from './h100_model.js';
import { bandBytes, planeBytes, type Ring } from './ring.js';

/** How the copy engine sees the tensor whose bands it fetches. */
export function ringMap({ problem, params, turned, box, bandRows }: Ring): TensorMap {
  const { channels, height, width } = problem;
  return {
    kind: 'tensor-map',
    sizes: [channels, width, height],
    // A column's pixels are rows of the tensor, as wide as the ring is high.
    ...(turned && { steps: [height * channels, channels] }),
    box: [params.channels, box.columns, bandRows, 1],
  };
}

/** What templates print of a ring's sizes. */
export function ringSizes(plan: Ring): Readonly<Record<string, Printable>> {
  const { problem, params, box, bandRows, threads } = plan;
  const { channels, height, width } = problem;
  return {
    channels,
    kernel: weightsOf(problem),
    turned: plan.turned,
    height,
    width,
    slab: params.channels,
    warps: params.warps,
    images: params.images,
    resident: params.resident,
    bands: params.bands,
    bandRows,
    bandBytes: bandBytes(plan),
    depth: params.depth,
    deep: params.depth > 1,
    lag: params.lag,
    inStep: params.lag > 0,
    planeFloats: planeBytes(plan) / 4,
    rows: box.rows,
    columns: box.columns,
    threads,
    wave: MULTIPROCESSORS * params.resident,
  };
}

/** What templates print of the order of a ring's tiles: where the task's tile lies, and the bands that it reads. */
interface RingOrder extends Readonly<Record<string, string>> {
  readonly along: string;
  readonly line: string;
  /** The first of the warp's lines. */
  readonly groupLine: string;
  /** The first band, and the last. */
  readonly top: string;
  readonly bottom: string;
}

/**
 * Down the plane, so that bands are met in order: line by line, or all lines' first tiles before their second ones.
 * @param own the thread's line among its LINES
 */
export function ringOrder({ tile, origins, loads }: Program, own: string): RingOrder {
  const shallow = tile.major === 'x';
  const group = shallow ? 'task / TILES' : 'task % GROUPS';
  const across = origins[shallow ? 'y' : 'x'].from;
  const dys = loads.map(({ dy }) => dy);
  const [least, most] = [Math.min(...dys), Math.max(...dys)];
  const along = `along * ${tile.outputs.length}`;
  const top = shallow ? plus(`${group} * LINES`, across + least) : plus(along, least);
  const bottom = shallow ? plus(`${group} * LINES + LINES - 1`, across + most) : plus(along, most);
  return {
    along: shallow ? 'task % TILES' : 'task / GROUPS',
    line: plus(`${group} * LINES + ${own}`, across),
    groupLine: plus(`${group} * LINES`, across),
    top: `band_of(${top})`,
    bottom: `band_of(${bottom})`,
  };
}
