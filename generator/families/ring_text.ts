import type { TensorMap } from '../launch.js';
import { weightsOf } from '../problem.js';
import type { Printable } from '../template.js';
import type { LineForm } from './box_text.js';
import { plus } from './cuda_text.js';
import { MULTIPROCESSORS } from './h100_model.js';
import { bandBytes, lineGroups, marginBytes, planeBytes, type Ring, runOf, type Tiling } from './ring.js';
import { innerGroups, innerLines } from './ring_inner.js';

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
    raised: plan.margin > 0,
    margin: plan.margin,
    raisedFloats: marginBytes(plan) / 4,
    rows: box.rows,
    columns: box.columns,
    threads,
    wave: MULTIPROCESSORS * params.resident,
  };
}

/** The `choice` of a ring's lines: by whether all that a tile meets are inside. */
export const CHOICE = '<INNER>';

/**
 * What templates print of a direction's tiles: how many there are, where the task's first one lies, and the bands that its run
 * reads. They go down the plane, so that bands are met in order: line by line, or all lines' first tiles before their second.
 * @param own the thread's line among its LINES
 */
export function ringTasks(
  ring: Ring,
  tiling: Tiling,
  { across, along }: LineForm,
  own: string,
): Readonly<Record<string, Printable>> {
  const { tile, origins, loads } = tiling.program;
  const shallow = tile.major === 'x';
  const group = shallow ? 'task / RUNS' : 'task % GROUPS';
  const { from } = origins[shallow ? 'y' : 'x'];
  const dys = loads.map(({ dy }) => dy);
  const [least, most] = [Math.min(...dys), Math.max(...dys)];
  const place = `along * ${tile.outputs.length}`;
  const top = shallow ? plus(`${group} * LINES`, from + least) : plus(place, least);
  const bottom = shallow ? plus(`${group} * LINES + LINES - 1`, from + most) : plus(place, most);
  return {
    tiles: tiling.along,
    run: runOf(ring, tiling),
    groups: lineGroups(ring, tiling),
    length: tile.outputs.length,
    inner: String(innerGroups(ring, tiling) === lineGroups(ring, tiling)),
    alongStep: along.step,
    outAlong: along.outStep,
    outAcross: across.outStep,
    along: shallow ? 'task % RUNS * RUN' : 'task / GROUPS',
    line: plus(`${group} * LINES + ${own}`, from),
    groupLine: plus(`${group} * LINES`, from),
    top: `band_of(${top})`,
    bottom: `band_of(${bottom})`,
  };
}

/** Whether a task's tiles have no line to move or test. */
export function innerTest(ring: Ring, tiling: Tiling, { across }: LineForm): string {
  const { first, last } = innerLines(ring, tiling);
  return `${plus('group_line', first)} >= 0 && ${plus('group_line', last)} + LINES <= ${across.sizeName}`;
}
