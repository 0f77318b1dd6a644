import { gradSize } from '../../gradient.js';
import { memoize } from '../../memo.js';
import { layerName } from '../../name.js';
import type { Problem } from '../../problem.js';
import { latticeSize } from '../../program.js';
import { bandOrigins } from '../../slab.js';
import type { TapSet } from '../../taps.js';
import type { Cut } from '../chunk.js';
import { uniformWeights } from '../cuda_rules.js';
import type { ChannelRange } from '../cuda_text.js';
import type { Params } from '../family.js';
import { cutGradient, type GradientBody, type TiledPart } from '../gradient_chunk.js';
import { type Gradients, gradientsOf } from '../gradient_text.js';
import { type Multiprocessor, WARP } from '../multiprocessor.js';
import { planeTile } from '../whole_row.js';

/** The family's parameters, typed. */
export interface PackedGradParams {
  /**
   * Pixels a tile of lines that advance along rows. An odd length puts neighbouring lanes on different banks. Tiles as long as
   * a row are whole rows, see planeTile.
   */
  readonly shallow: number;
  /** Pixels a tile of lines that advance along columns. */
  readonly steep: number;
  /** Threads a block. */
  readonly threads: number;
  /** Images that a block takes at a time. */
  readonly planes: number;
  /** Images a block. */
  readonly images: number;
  /** Rows of dy that a block takes at a time, with as many rows of x as belong to them; 0: whole planes. */
  readonly band: number;
  /** What varies slowest over blocks. 0: images. 1: directions, so that blocks that run at a time share one body's code. */
  readonly order: number;
  /** Steps whose planes are in shared memory: one, or several of which the later ones are on their way. */
  readonly depth: number;
  /** Blocks a multiprocessor that registers must allow. */
  readonly resident: number;
}

export function packedGrad(params: Params): PackedGradParams {
  return params as unknown as PackedGradParams;
}

/** Over a band as if it were a plane: what its edge tiles compute beyond it is thrown away. */
export interface BandGradient extends GradientBody {
  /** Rows of dy that are read above and below that of a pixel. */
  readonly above: number;
  readonly below: number;
}

export interface PackedGradPlan {
  readonly problem: Problem;
  readonly params: PackedGradParams;
  readonly gradients: Gradients;
  readonly bodies: readonly BandGradient[];
  readonly ranges: readonly ChannelRange[];
  /** Rows of dy a step, without those beside them, and steps a plane. */
  readonly rows: number;
  readonly bands: number;
  /** Floats of a block's two buffers, in whole lines of 128 bytes: of x, which dx takes the place of, and of dy. */
  readonly pixelFloats: number;
  readonly gradFloats: number;
}

/** From parameters to bodies and buffers; what rules, cost and emission all look at. */
export function packedGradPlan(problem: Problem, params: PackedGradParams): PackedGradPlan {
  const { height, width, stride } = problem;
  const { band, planes } = params;
  const grad = gradSize(problem);
  const { bodies, chunks } = bandCut(problem, params);
  const needed = Math.max(...bodies.map(({ above, below }) => band + above + below));
  const pixelRows = band === 0 ? height : band * stride;
  const gradRows = band === 0 ? grad.height : Math.min(grad.height, needed);
  return {
    problem,
    params,
    gradients: gradientsOf(problem.op),
    bodies,
    ranges: chunks.map(({ from, to, body }) => ({ from, to, body: bodies.indexOf(body) })),
    rows: band === 0 ? grad.height : band,
    bands: band === 0 ? 1 : grad.height / band,
    pixelFloats: roundUp(planes * pixelRows * width, 32),
    gradFloats: roundUp(planes * gradRows * grad.width, 32),
  };
}

/** Lanes that have neighbouring columns meet no bank twice, and skip together what lies above and below. */
const DIAGONAL = 'y';

/** The same for all schedules that differ in blocks alone. */
const bandCut = memoize(
  (problem: Problem, { shallow, steep, band }: PackedGradParams) =>
    [layerName(problem), shallow, steep, band].join(),
  (problem: Problem, { shallow, steep, band }: PackedGradParams): Cut<BandGradient> => {
    const tile = (taps: TapSet) => planeTile(problem, taps, { shallow, steep }, DIAGONAL);
    const whole = cutGradient(problem, tile, problem.channels, DIAGONAL);
    const bodies = whole.bodies.map((body) => bandGradient(body, band));
    const chunks = whole.chunks.map((chunk) => ({
      ...chunk,
      body: bodies[whole.bodies.indexOf(chunk.body)]!,
    }));
    return { bodies, chunks };
  },
  64,
);

function bandGradient(body: GradientBody, band: number): BandGradient {
  const used = body.parts.flatMap(({ program: { taps, loads } }) =>
    loads.flatMap(({ uses }) => uses.map(({ tap }) => taps.taps[tap]!.dy)),
  );
  return {
    ...body,
    parts: band === 0 ? body.parts : body.parts.map((part) => bandPart(part, band)),
    above: Math.max(0, ...used.map((dy) => -dy)),
    below: Math.max(0, ...used),
  };
}

function bandPart(part: TiledPart, band: number): TiledPart {
  const { tile, output, origins } = part.program;
  const y = bandOrigins(part.program, band);
  return {
    ...part,
    program: { ...part.program, output: { ...output, height: band }, origins: { ...origins, y } },
    [tile.major === 'y' ? 'along' : 'across']: latticeSize(y),
  };
}

/** Distinct taps of the direction that has the most. */
export function mostTaps({ bodies }: PackedGradPlan): number {
  return Math.max(...bodies.map(({ taps }) => taps.taps.length));
}

/** Values of a channel in a row of partial sums: one a tap and one for the bias, as many as halving a warp takes. */
export function slotsOf(plan: PackedGradPlan): number {
  return 2 ** Math.ceil(Math.log2(mostTaps(plan) + 1));
}

/** Packed values a channel: its weights and an unused bias, in whole vectors of four. */
export function rowFloats(plan: PackedGradPlan): number {
  return roundUp(mostTaps(plan) + 1, 4);
}

/** Registers that a tile takes beside its pixels, sums and weights: places, tests, a value. */
const OTHER_REGISTERS = 18;

/** Registers a thread, roughly. */
export function packedGradRegisters(plan: PackedGradPlan): number {
  const { ofInput, ofWeights } = plan.gradients;
  const tile = Math.max(
    ...plan.bodies.flatMap(({ parts }) => parts.map(({ program }) => program.tile.outputs.length)),
  );
  const ofTaps = (ofInput ? mostTaps(plan) : 0) + (ofWeights ? mostTaps(plan) + 1 : 0);
  return ofTaps + (ofInput ? tile : 0) + (ofWeights ? tile : 0) + OTHER_REGISTERS;
}

/** The fewest. */
export function packedGradLeastRegisters(plan: PackedGradPlan, machine: Multiprocessor): number {
  const weights = plan.gradients.ofInput ? mostTaps(plan) : 0;
  return packedGradRegisters(plan) - uniformWeights(plan.problem, weights, machine);
}

/** Dynamic shared memory of a block, in bytes: of each step that it holds the buffers of x and of dy. */
export function packedGradShared({ params, pixelFloats, gradFloats }: PackedGradPlan): number {
  return 4 * params.depth * (pixelFloats + gradFloats);
}

/** Steps that a block takes one after the other. @param images that it has */
export function packedGradSteps({ params, bands }: PackedGradPlan, images: number): number {
  return Math.ceil(images / params.planes) * bands;
}

/** Of each step that a block holds, and the line in which they lie. In bytes. */
const BARRIER = 8;
const LINE = 128;

/** All shared memory of a block, in bytes: the buffers, their barriers, and of dw a row of sums for each warp. */
export function packedGradBlockShared(plan: PackedGradPlan): number {
  const warps = plan.params.threads / WARP;
  const sums = plan.gradients.ofWeights ? 4 * slotsOf(plan) * warps : 0;
  return packedGradShared(plan) + roundUp(BARRIER * plan.params.depth, LINE) + sums;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
