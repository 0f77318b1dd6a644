import { groups } from '../../group.js';
import { weightsOf } from '../../problem.js';
import { boxRules, tileCountRule } from '../box_rules.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { tooLong } from '../limits.js';
import { WARP } from '../multiprocessor.js';
import { bandBytes, MAX_RESIDENT, mostRings } from '../ring.js';
import { ringRules, unalignedBands } from '../ring_rules.js';
import {
  mostTasks,
  registersGiven,
  ringGrad,
  ringGradPlan,
  ringGradRegisters,
  ringGradShared,
  ringGradStatic,
} from './plan.js';

const { rule, planRule } = cudaRules('cuda_ring_grad', ringGrad, ringGradPlan);

/** Offsets inside of a block's images, in floats. */
const MAX_OFFSET = 2 ** 31;
/** Sums of a channel that registers hold: one for each tap and one for the bias. */
const MAX_SLOTS = 32;
/** Products that a thread adds up in float32 one after the other. */
const MAX_PRODUCTS = 4096;

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout, stride }) =>
    (op === 'wgrad' || op === 'backward') && dtype === 'f32' && layout === 'nhwc' && stride === 1
      ? undefined
      : `cuda_ring_grad computes wgrad and backward of stride 1 in f32 and NHWC, not ${op} of stride ${stride} in ${dtype} and ${layout}`,
  ),
  // Lines of tiles; and the sums on a square of 7x7 would find no registers.
  rule('filter', ({ filter }) =>
    filter === 'line' ? undefined : 'cuda_ring_grad computes lines, not square filters',
  ),
  ...boxRules(rule),
  rule('switches', (_, { shared, ahead, order, producer }) =>
    [shared, ahead, order, producer].every((value) => value <= 1) ? undefined : 'switches are 0 or 1',
  ),
  rule('shared-weights', ({ op }, { shared }) =>
    shared === 0 || op === 'backward' ? undefined : `${op} has no weights to keep in shared memory`,
  ),
  rule('order', (problem, { order }) =>
    order === 0 || groups(problem).length > 1
      ? undefined
      : 'one direction cannot vary more slowly than another one',
  ),
  rule('images', (problem, { images }) => {
    const { height, width, channels } = problem;
    const floats = channels * Math.max(images * height * width, weightsOf(problem) + 1);
    return images >= 1 && floats < MAX_OFFSET
      ? undefined
      : `${floats} floats of ${images} images, or of weights, are none or beyond offsets of 32 bits`;
  }),
  tileCountRule(rule),
  ...ringRules(rule, ({ producer }) => producer),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  planRule('taps', ({ slots }) =>
    slots <= MAX_SLOTS
      ? undefined
      : `sums on ${slots - 1} taps and of the bias are more than the ${MAX_SLOTS} that registers hold`,
  ),
  planRule('program-length', ({ bodies, gradients: { ofInput } }) =>
    tooLong(
      bodies.map(({ part }) => part),
      ofInput ? 2 : 1,
    ),
  ),
  planRule('band-bytes', ({ params, box, bandRows }) =>
    unalignedBands(params.bands, bandBytes(box, bandRows, params.channels)),
  ),
  // Tiles are of equal length, so that 5 of a line of 6 would be 3 under another name.
  planRule('tile-length', ({ params, bodies }) =>
    bodies.some(({ part }) => part.along === params.tiles)
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
    const bytes = ringGradShared(plan) + ringGradStatic(plan);
    const most = mostRings(machine, bytes);
    return plan.params.resident <= most
      ? undefined
      : `blocks resident: ${plan.params.resident} of ${bytes} bytes do not fit into shared memory, which holds ${most}`;
  }),
  // Blocks hide one another's start and end, and nothing else would use the memory; where it holds many, it is not scarce.
  planRule('idle-memory', (plan, machine) => {
    const most = mostRings(machine, ringGradShared(plan) + ringGradStatic(plan));
    return most === MAX_RESIDENT || 2 * plan.params.resident > most
      ? undefined
      : `blocks resident: ${plan.params.resident} leave half of the shared memory idle, which holds ${most}`;
  }),
  // Sums and weights that find no register are written to memory and read back at every use.
  planRule('registers', (plan) => {
    const [needed, there] = [ringGradRegisters(plan), registersGiven(plan)];
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
  // A sum in float32 is as exact as it is short.
  planRule('products', ({ problem: { height, width }, params }) => {
    const { images, warps, channels } = params;
    const products = Math.ceil((images * height * width) / (warps * (WARP / channels)));
    return products <= MAX_PRODUCTS
      ? undefined
      : `a thread would add up ${products} products in float32, more than ${MAX_PRODUCTS}`;
  }),
];

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const RING_GRAD_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
