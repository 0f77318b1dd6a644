import type { TensorMap } from '../launch.js';
import { weightsOf } from '../problem.js';
import type { Printable } from '../template.js';
import type { LineForm } from './box_text.js';
import { plus } from './cuda_text.js';
import { MULTIPROCESSORS } from './h100_model.js';
import {
  bandBytes,
  isShallow,
  lineGroups,
  marginBytes,
  planeBytes,
  type Ring,
  runOf,
  type Tiling,
} from './ring.js';
import { innerGroups } from './ring_inner.js';
import { ringTensor } from './ring_turn.js';

/** How the copy engine sees the tensor whose bands it fetches. */
export function ringMap({ problem, params, turned, box, bandRows }: Ring): TensorMap {
  return ringTensor(problem, turned, [params.channels, box.columns, bandRows]);
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
    margin: plan.margin,
    hasMargin: plan.margin > 0,
    marginFloats: marginBytes(plan) / 4,
    // Where the first plane starts, behind its margin.
    planes: plan.margin > 0 ? 'planes' : 'shared',
    rows: box.rows,
    columns: box.columns,
    threads,
    wave: MULTIPROCESSORS * params.resident,
  };
}

/** The `choice` of a ring's lines: by whether all that a tile meets are inside. */
export const CHOICE = '<INNER>';

/** What templates print of a direction's tiles. */
interface RingTasks extends Readonly<Record<string, Printable>> {
  /** Tiles a line, tiles of a run of them, and groups of the lines that a warp computes side by side. */
  readonly tiles: number;
  readonly run: number;
  readonly groups: number;
  /** Pixels a tile. */
  readonly length: number;
  /** Whether no tile has a line to move or test. */
  readonly allInner: string;
  /** Steps from pixel to pixel of a line in shared memory and in tensors, and from line to line there. */
  readonly alongStep: string;
  readonly outAlong: string;
  readonly outAcross: string;
  /** Of a task: its first tile's place in its line, the thread's line, and the first of the warp's lines. */
  readonly along: string;
  readonly line: string;
  readonly groupLine: string;
  /** The first band that its run reads, and the last. */
  readonly top: string;
  readonly bottom: string;
}

/**
 * How many tiles there are, where a task's first one lies, and the bands that its run reads. They go down the plane, so that
 * bands are met in order: line by line, or all lines' first tiles before their second.
 * @param own the thread's line among its LINES
 */
export function ringTasks(ring: Ring, tiling: Tiling, form: LineForm, own: string): RingTasks {
  const { tile, origins, loads } = tiling.program;
  const shallow = isShallow(tiling.program);
  const group = shallow ? 'task / RUNS' : 'task % GROUPS';
  const { from } = origins[form.minor];
  const dys = loads.map(({ dy }) => dy);
  const [least, most] = [Math.min(...dys), Math.max(...dys)];
  const pixel = `along * ${tile.outputs.length}`;
  const top = shallow ? plus(`${group} * LINES`, from + least) : plus(pixel, least);
  const bottom = shallow ? plus(`${group} * LINES + LINES - 1`, from + most) : plus(pixel, most);
  return {
    tiles: tiling.along,
    run: runOf(ring, tiling),
    groups: lineGroups(ring, tiling),
    length: tile.outputs.length,
    allInner: String(innerGroups(ring, tiling) === lineGroups(ring, tiling)),
    alongStep: form.along.step,
    outAlong: form.along.outStep,
    outAcross: form.across.outStep,
    along: shallow ? 'task % RUNS * RUN' : 'task / GROUPS',
    line: plus(`${group} * LINES + ${own}`, from),
    groupLine: plus(`${group} * LINES`, from),
    top: `band_of(${top})`,
    bottom: `band_of(${bottom})`,
  };
}
