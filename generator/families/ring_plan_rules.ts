import type { MakePlanRule } from './cuda_rules.js';
import type { Rule } from './family.js';
import { WARP } from './multiprocessor.js';
import { BOX_ALIGNMENT, MAX_RESIDENT, mostResident } from './plane_box.js';
import { bandBytes, type Ring, registersGiven, runOf, type Tiling, tasksOf } from './ring.js';

// Rules of rings that need the whole plan; ring_rules.ts has those that do not.

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
    // A run ends after so many tiles, wherever its line does.
    planRule('run', (plan) => {
      const { run } = plan.params;
      const uneven = of.tilings(plan).find((tiling) => run < 1 || tiling.along % runOf(plan, tiling) !== 0);
      return uneven && `lines of ${uneven.along} tiles are not dealt out to runs of ${run}`;
    }),
    // Each warp should have tiles of every image.
    planRule('warps-idle', (plan) => {
      const tasks = mostTasks(plan, of.tilings(plan));
      return plan.params.warps <= tasks
        ? undefined
        : `an image has ${tasks} runs of tiles for ${plan.params.warps} warps`;
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
