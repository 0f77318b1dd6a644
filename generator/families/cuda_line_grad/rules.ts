import { groups } from '../../group.js';
import { weightsOf } from '../../problem.js';
import { copyEngineRule, dividesGroups, tileCountRule } from '../box_rules.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { gradientCount } from '../gradient_text.js';
import { MAX_OFFSET, straightLineRule, tooLong, tooManyProducts } from '../limits.js';
import { BLOCK_THREADS, WARP } from '../multiprocessor.js';
import { MAX_BOX } from '../plane_box.js';
import { SIDE_BY_SIDE } from '../ring_rules.js';
import { ringLayer } from '../ring_turn.js';
import {
  isStraight,
  lineGrad,
  lineGradPlan,
  lineGradRegisters,
  PACE,
  registersGiven,
  SLAB,
  stagesOf,
} from './plan.js';

const { rule, planRule } = cudaRules('cuda_line_grad', lineGrad, lineGradPlan);

/** Sums of a channel that registers hold: one for each tap and one for the bias. */
const MAX_SLOTS = 32;

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout, stride }) =>
    (op === 'wgrad' || op === 'backward') && dtype === 'f32' && layout === 'nhwc' && stride === 1
      ? undefined
      : `cuda_line_grad computes wgrad and backward of stride 1 in f32 and NHWC, not ${op} of stride ${stride} in ${dtype} and ${layout}`,
  ),
  rule('filter', ({ filter }) =>
    filter === 'line' ? undefined : 'cuda_line_grad computes lines, not square filters',
  ),
  copyEngineRule(rule),
  straightLineRule,
  rule('channels', (problem) =>
    dividesGroups(problem, SLAB)
      ? undefined
      : `lanes are ${SLAB} channels of one direction, of which groups of channels are no multiples`,
  ),
  // Taps on other lines would need those lines, too.
  rule('straight', (problem) =>
    isStraight(problem) ? undefined : 'cuda_line_grad computes lines that are all rows, or all columns',
  ),
  tileCountRule(rule),
  // Places of pixels are 32-bit, also of the lines that a warp works out and then has not.
  rule('images', (problem, { images, warps }) => {
    const { height, width, channels } = problem;
    const beside = (warps + 2 * WARP) * Math.max(height, width);
    const floats = channels * Math.max(images * height * width + beside, weightsOf(problem) + 1);
    return images >= 1 && floats < MAX_OFFSET
      ? undefined
      : `${floats} floats of ${images} images with what lies beside them, or of weights, are none or beyond offsets of 32 bits`;
  }),
  rule('threads', (_, { warps }) =>
    warps >= 1 && WARP * (warps + 1) <= BLOCK_THREADS
      ? undefined
      : `${warps} warps and one that fetches are none or more than a block's ${BLOCK_THREADS} threads`,
  ),
  // Each warp should have lines of every image.
  rule('warps-idle', (problem, { warps }) => {
    const { height } = ringLayer(problem);
    return warps <= height ? undefined : `an image has ${height} lines for ${warps} warps`;
  }),
  // Blocks wait for others of their images only where those run at the same time, at the same pace.
  rule('lag', (problem, { lag, images }) => {
    const bands = images * Math.ceil(ringLayer(problem).height / PACE);
    const blocks = problem.channels / SLAB;
    if (lag === 0) return undefined;
    if (groups(problem).length > 1) return 'blocks of several directions do not go at one pace';
    if (lag >= bands) return `no block can be ${lag} of ${bands} bands ahead`;
    return blocks <= SIDE_BY_SIDE
      ? undefined
      : `${blocks} blocks of an image are more than the ${SIDE_BY_SIDE} that run side by side for certain`;
  }),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  planRule('taps', ({ slots }) =>
    slots <= MAX_SLOTS
      ? undefined
      : `sums on ${slots - 1} taps and of the bias are more than the ${MAX_SLOTS} that registers hold`,
  ),
  planRule('program-length', ({ bodies, gradients }) =>
    tooLong(
      bodies.map(({ part }) => part),
      gradientCount(gradients),
    ),
  ),
  // Tiles are of equal length, so that 5 of a line of 6 would be 3 under another name.
  planRule('tile-length', ({ bodies, params: { tiles } }) =>
    bodies.every(({ part }) => part.along === tiles)
      ? undefined
      : `lines have no ${tiles} tiles of equal length`,
  ),
  planRule('box', ({ pixels }) =>
    pixels <= MAX_BOX ? undefined : `a line of ${pixels} pixels is longer than the copy engine's ${MAX_BOX}`,
  ),
  // Else no line is on its way while all warps compute.
  planRule('stages', (plan, machine) => {
    const { warps } = plan.params;
    const stages = stagesOf(plan, machine);
    return stages > warps
      ? undefined
      : `shared memory holds ${stages} lines of ${plan.pixels} pixels of x and dy, which leaves none on its way to ${warps} warps`;
  }),
  // Sums and weights that find no register are written to memory and read back at every use.
  planRule('registers', (plan) => {
    const [needed, there] = [lineGradRegisters(plan), registersGiven(plan)];
    return needed <= there
      ? undefined
      : `a thread needs about ${needed} registers and has ${there} of a block of ${plan.threads}`;
  }),
  // Registers are given out for four warps at a time: others would only leave their share of the lines to these.
  planRule('warps-step', (plan) => {
    const more = registersGiven(plan, 1);
    return plan.params.warps === plan.problem.height || more < registersGiven(plan)
      ? undefined
      : `one warp more than ${plan.threads / WARP} a block would have as many registers, ${more} a thread`;
  }),
  // A sum in float32 is as exact as it is short.
  planRule('products', ({ problem: { height, width }, params: { images, warps } }) =>
    tooManyProducts(Math.ceil((images * height) / warps) * width),
  ),
];

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const LINE_GRAD_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
