import { outputSize, type Problem } from '../../problem.js';
import { latticeSize } from '../../program.js';
import { bandOrigins } from '../../slab.js';
import type { TapSet } from '../../taps.js';
import { type Body, cut } from '../chunk.js';
import { uniformWeights } from '../cuda_rules.js';
import type { ChannelRange } from '../cuda_text.js';
import type { Params } from '../family.js';
import type { Multiprocessor } from '../multiprocessor.js';
import { planeTile } from '../whole_row.js';

/** The family's parameters, typed. */
export interface PackedParams {
  /**
   * Outputs a tile of lines that advance along rows, and of square filters. An odd length puts neighbouring lanes on different
   * banks. Tiles as long as a row are whole rows, see planeTile.
   */
  readonly shallow: number;
  /** Outputs a tile of lines that advance along columns, as beside whole rows those at 45 degrees do. */
  readonly steep: number;
  /** Threads a block. */
  readonly threads: number;
  /** Images that a block takes at a time. */
  readonly planes: number;
  /** Images a block. */
  readonly images: number;
  /** Output rows that a block takes at a time; 0: whole planes. */
  readonly band: number;
  /** Blocks a multiprocessor that registers must allow. */
  readonly resident: number;
}

export function packed(params: Params): PackedParams {
  return params as unknown as PackedParams;
}

/** Over a band as if it were a plane: what its edge tiles compute beyond it is thrown away. */
export interface BandBody extends Body {
  /** Input rows that are read above and below that of an output. */
  readonly above: number;
  readonly below: number;
}

export interface PackedPlan {
  readonly problem: Problem;
  readonly params: PackedParams;
  readonly bodies: readonly BandBody[];
  readonly ranges: readonly ChannelRange[];
  /** Output rows a step, and steps a plane. */
  readonly rows: number;
  readonly bands: number;
  /** Floats of a block's two buffers, in whole lines of 128 bytes. */
  readonly inputFloats: number;
  readonly outputFloats: number;
}

/** From parameters to bodies and buffers; what rules, cost and emission all look at. */
export function packedPlan(problem: Problem, params: PackedParams): PackedPlan {
  const { height, width, stride, channels } = problem;
  const out = outputSize(problem);
  const rows = params.band === 0 ? out.height : params.band;
  const tile = (taps: TapSet) => planeTile(problem, taps, params, 'x');
  const whole = cut(problem, tile, channels);
  const bodies = whole.bodies.map((body) => bandBody(body, rows));
  const needed = Math.max(...bodies.map(({ above, below }) => (rows - 1) * stride + 1 + above + below));
  const inputRows = params.band === 0 ? height : Math.min(height, needed);
  return {
    problem,
    params,
    bodies,
    ranges: whole.chunks.map(({ from, to, body }) => ({ from, to, body: whole.bodies.indexOf(body) })),
    rows,
    bands: Math.ceil(out.height / rows),
    inputFloats: roundUp(params.planes * inputRows * width, 32),
    outputFloats: roundUp(params.planes * rows * out.width, 32),
  };
}

function bandBody(body: Body, rows: number): BandBody {
  const { taps, tile, loads, output, origins } = body.program;
  const y = bandOrigins(body.program, rows);
  const used = loads.flatMap(({ uses }) => uses.map(({ tap }) => taps.taps[tap]!.dy));
  return {
    ...body,
    program: { ...body.program, output: { ...output, height: rows }, origins: { ...origins, y } },
    [tile.major === 'y' ? 'along' : 'across']: latticeSize(y),
    above: Math.max(0, ...used.map((dy) => -dy)),
    below: Math.max(0, ...used),
  };
}

/** Taps of the direction that has the most. */
function mostTaps({ bodies }: PackedPlan): number {
  return Math.max(...bodies.map(({ program }) => program.taps.taps.length));
}

/** Packed values a channel: its weights and its bias, in whole vectors of four. */
export function rowFloats(plan: PackedPlan): number {
  return roundUp(mostTaps(plan) + 1, 4);
}

/** Registers that a tile takes beside its sums and weights: places, tests, an input. */
const OTHER_REGISTERS = 16;

/** Registers a thread, roughly. */
export function packedRegisters(plan: PackedPlan): number {
  const tile = Math.max(...plan.bodies.map(({ program }) => program.tile.outputs.length));
  return mostTaps(plan) + tile + OTHER_REGISTERS;
}

/** The fewest. */
export function packedLeastRegisters(plan: PackedPlan, machine: Multiprocessor): number {
  return packedRegisters(plan) - uniformWeights(plan.problem, mostTaps(plan), machine);
}

/** Shared memory a block, in bytes: buffers, and a line with the barrier of the copies. */
export function packedShared({ inputFloats, outputFloats }: PackedPlan): number {
  return 4 * (inputFloats + outputFloats) + 128;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
