import { groups } from '../group.js';
import { weightsOf } from '../problem.js';
import { tileCountRule } from './box_rules.js';
import type { MakePlanRule, MakeRule } from './cuda_rules.js';
import type { Rule } from './family.js';
import { MAX_OFFSET } from './limits.js';
import { WARP } from './multiprocessor.js';
import { BOX_ALIGNMENT, MAX_BOX, MAX_RESIDENT, mostResident, planeBox } from './plane_box.js';
import {
  bandBytes,
  type Ring,
  type RingParams,
  registersGiven,
  runOf,
  type Tiling,
  tasksOf,
} from './ring.js';
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
    rule('images', (problem, { images }) => {
      const { height, width, channels } = problem;
      const floats = channels * Math.max(images * height * width, weightsOf(problem) + 1);
      return images >= 1 && floats < MAX_OFFSET
        ? undefined
        : `${floats} floats of ${images} images, or of weights, are none or beyond offsets of 32 bits`;
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
        threads <= 1024 &&
        threads * resident <= machine.threads &&
        resident <= machine.blocks
        ? undefined
        : `${resident} blocks of ${threads} threads are more than a multiprocessor's ${machine.blocks} or ${machine.threads}, or a block's 1024`;
    }),
  ];
}

/** Blocks wait for others of their images only where those run at the same time, at the same pace. */
function lagRule<T extends RingParams>(rule: MakeRule<T>, producers: (params: T) => number): Rule {
  return rule('lag', (problem, params) => {
    const { lag, channels, images, bands } = params;
    const blocks = Math.ceil(problem.channels / channels);
    if (lag === 0) return undefined;
    if (producers(params) === 0)
      return 'a warp that only fetches can wait for other blocks, and there is none';
    if (groups(problem).length > 1) return 'blocks of several directions do not go at one pace';
    if (lag >= images * bands) return `no block can be ${lag} of ${images * bands} bands ahead`;
    return blocks <= SIDE_BY_SIDE
      ? undefined
      : `${blocks} blocks of an image are more than the ${SIDE_BY_SIDE} that run side by side for certain`;
  });
}

/** What rules ask of a family's plan. */
interface RingNeeds<P> {
  /** Of each direction. */
  tilings(plan: P): readonly Tiling[];
  /** Shared memory of a block in all, in bytes. */
  sharedBytes(plan: P): number;
  /** Registers a thread, roughly. */
  registers(plan: P): number;
}

/** Whether a plan's blocks have work for all of their warps, and fit beside one another. */
export function ringPlanRules<P extends Ring>(planRule: MakePlanRule<P>, of: RingNeeds<P>): readonly Rule[] {
  return [...bandRules(planRule, of), ...memoryRules(planRule, of), ...registerRules(planRule, of)];
}

function bandRules<P extends Ring>(planRule: MakePlanRule<P>, of: RingNeeds<P>): readonly Rule[] {
  return [
    // The copy engine writes to multiples of 128 bytes.
    planRule('band-bytes', (plan) => {
      const bytes = bandBytes(plan);
      return plan.params.bands === 1 || bytes % BOX_ALIGNMENT === 0
        ? undefined
        : `bands of ${bytes} bytes do not start at multiples of ${BOX_ALIGNMENT}`;
    }),
    // Tiles are of equal length, so that 5 of a line of 6 would be 3 under another name.
    planRule('tile-length', (plan) =>
      of.tilings(plan).some(({ along }) => along === plan.params.tiles)
        ? undefined
        : `lines have no ${plan.params.tiles} tiles of equal length`,
    ),
    planRule('run', (plan) => {
      const uneven = of.tilings(plan).find((tiling) => tiling.along % runOf(plan, tiling) !== 0);
      return uneven && `lines of ${uneven.along} tiles are not dealt out to runs of ${plan.params.run}`;
    }),
    // Each warp should have tiles of every image.
    planRule('warps-idle', (plan) => {
      const tasks = mostTasks(plan, of.tilings(plan));
      return plan.params.warps <= tasks
        ? undefined
        : `an image has ${tasks} ${plan.params.run === 1 ? 'tiles' : 'runs of tiles'} for ${plan.params.warps} warps`;
    }),
  ];
}

function memoryRules<P extends Ring>(planRule: MakePlanRule<P>, of: RingNeeds<P>): readonly Rule[] {
  return [
    planRule('shared-memory', (plan, machine) => {
      const bytes = of.sharedBytes(plan);
      const most = mostResident(machine, bytes);
      return plan.params.resident <= most
        ? undefined
        : `blocks resident: ${plan.params.resident} of ${bytes} bytes do not fit into shared memory, which holds ${most}`;
    }),
    // Blocks hide one another's start and end, and nothing else would use the memory; where it holds many, it is not scarce.
    planRule('idle-memory', (plan, machine) => {
      const most = mostResident(machine, of.sharedBytes(plan));
      return most === MAX_RESIDENT || 2 * plan.params.resident > most
        ? undefined
        : `blocks resident: ${plan.params.resident} leave half of the shared memory idle, which holds ${most}`;
    }),
  ];
}

function registerRules<P extends Ring>(planRule: MakePlanRule<P>, of: RingNeeds<P>): readonly Rule[] {
  return [
    // Sums and weights that find no register are written to memory and read back at every use.
    planRule('registers', (plan) => {
      const [needed, there] = [of.registers(plan), registersGiven(plan)];
      return needed <= there
        ? undefined
        : `a thread needs about ${needed} registers and has ${there} if ${plan.params.resident} blocks of ${plan.threads} are to fit`;
    }),
    // Registers are given out for four warps at a time: others would only leave their share of the tiles to these.
    planRule('warps-step', (plan) => {
      const { params, threads } = plan;
      const more = registersGiven(plan, params.resident);
      return params.warps === mostTasks(plan, of.tilings(plan)) || more < registersGiven(plan)
        ? undefined
        : `one warp more than ${threads / WARP} a block would have as many registers, ${more} a thread`;
    }),
  ];
}

/** Runs of an image's tiles, of the direction that has the most. */
function mostTasks(plan: Ring, tilings: readonly Tiling[]): number {
  return Math.max(...tilings.map((tiling) => tasksOf(plan, tiling)));
}
