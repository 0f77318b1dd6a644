import { weightsOf } from '../../problem.js';
import { boxRules, tileCountRule } from '../box_rules.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { tooLong } from '../limits.js';
import { WARP } from '../multiprocessor.js';
import { bandBytes, MAX_RESIDENT, mostRings } from '../ring.js';
import { ringRules, unalignedBands } from '../ring_rules.js';
import { allShared, mostTasks, PRODUCERS, registersGiven, ring, ringPlan, ringRegisters } from './plan.js';

const { rule, planRule } = cudaRules('cuda_ring', ring, ringPlan);

/** Offsets inside of a block's images, in floats. */
const MAX_OFFSET = 2 ** 31;

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout, stride }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nhwc' && stride === 1
      ? undefined
      : `cuda_ring computes fprop of stride 1 in f32 and NHWC, not ${op} of stride ${stride} in ${dtype} and ${layout}`,
  ),
  // The order of tiles is that of lines.
  rule('filter', ({ filter }) =>
    filter === 'line' ? undefined : 'cuda_ring computes lines, not square filters',
  ),
  ...boxRules(rule),
  rule('images', (problem, { images }) => {
    const { height, width, channels } = problem;
    const floats = channels * Math.max(images * height * width, weightsOf(problem) + 1);
    return images >= 1 && floats < MAX_OFFSET
      ? undefined
      : `${floats} floats of ${images} images, or of weights, are none or beyond offsets of 32 bits`;
  }),
  tileCountRule(rule),
  ...ringRules(rule, () => PRODUCERS),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  planRule('program-length', ({ bodies }) => tooLong(bodies)),
  planRule('band-bytes', ({ params, box, bandRows }) =>
    unalignedBands(params.bands, bandBytes(box, bandRows, params.channels)),
  ),
  // Tiles are of equal length, so that 5 of a line of 6 would be 3 under another name.
  planRule('tile-length', ({ params, bodies }) =>
    bodies.some(({ along }) => along === params.tiles)
      ? undefined
      : `lines have no ${params.tiles} tiles of equal length`,
  ),
  // Each warp should have tiles of every image.
  planRule('warps-idle', (plan) => {
    const tasks = mostTasks(plan);
    return plan.params.warps <= tasks
      ? undefined
      : `an image has ${tasks} tiles for ${plan.params.warps} warps`;
  }),
  planRule('shared-memory', (plan, machine) => {
    const bytes = allShared(plan);
    const most = mostRings(machine, bytes);
    return plan.params.resident <= most
      ? undefined
      : `blocks resident: ${plan.params.resident} of ${bytes} bytes do not fit into shared memory, which holds ${most}`;
  }),
  // Blocks hide one another's start and end, and nothing else would use the memory; where it holds many, it is not scarce.
  planRule('idle-memory', (plan, machine) => {
    const most = mostRings(machine, allShared(plan));
    return most === MAX_RESIDENT || 2 * plan.params.resident > most
      ? undefined
      : `blocks resident: ${plan.params.resident} leave half of the shared memory idle, which holds ${most}`;
  }),
  // Sums and weights that find no register are written to memory and read back at every use.
  planRule('registers', (plan) => {
    const [needed, there] = [ringRegisters(plan), registersGiven(plan)];
    return needed <= there
      ? undefined
      : `a thread needs about ${needed} registers and has ${there} if ${plan.params.resident} blocks of ${plan.threads} are to fit`;
  }),
  // Registers are given out for four warps at a time: others would only leave their share of the tiles to these.
  planRule('warps-step', (plan) => {
    const { params, threads } = plan;
    const more = registersGiven(plan, params.resident);
    return params.warps === mostTasks(plan) || more < registersGiven(plan)
      ? undefined
      : `one warp more than ${threads / WARP} a block would have as many registers, ${more} a thread`;
  }),
];

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const RING_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
