import { weightsOf } from '../../problem.js';
import { copyEngineRule, dividesGroups, tileCountRule } from '../box_rules.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { lineGradientPlanRules, lineGradientRules } from '../gradient_line_rules.js';
import { MAX_OFFSET, straightLineRule, tooManyProducts } from '../limits.js';
import { BLOCK_THREADS, WARP } from '../multiprocessor.js';
import { MAX_BOX } from '../plane_box.js';
import { brokenLag } from '../ring_rules.js';
import { ringLayer } from '../ring_turn.js';
import {
  BAND_LINES,
  isStraight,
  lineGrad,
  lineGradPlan,
  lineGradRegisters,
  lineGradShared,
  lineGradStatic,
  registersGiven,
  SLAB,
  stagesOf,
} from './plan.js';

const { rule, planRule } = cudaRules('cuda_line_grad', lineGrad, lineGradPlan);

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  ...lineGradientRules('cuda_line_grad', rule),
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
  // Places of pixels in a block's images are 32-bit.
  rule('images', (problem, { images }) => {
    const { height, width, channels } = problem;
    const floats = channels * Math.max(images * height * width, weightsOf(problem) + 1);
    return images >= 1 && floats < MAX_OFFSET
      ? undefined
      : `${floats} floats of ${images} images, or of weights, are none or beyond offsets of 32 bits`;
  }),
  rule('threads', (_, { warps }) =>
    warps >= 1 && WARP * (warps + 1) <= BLOCK_THREADS
      ? undefined
      : `${warps} warps and one that fetches are none or more than a block's ${BLOCK_THREADS} threads`,
  ),
  // Each warp has lines of every image: its next one is on the same plane, or on the next.
  rule('warps-idle', (problem, { warps }) => {
    const { height } = ringLayer(problem);
    return warps <= height ? undefined : `an image has ${height} lines for ${warps} warps`;
  }),
  rule('lag', (problem, { lag, images }) =>
    lag === 0
      ? undefined
      : brokenLag(problem, lag, {
          blocks: problem.channels / SLAB,
          bands: images * Math.ceil(ringLayer(problem).height / BAND_LINES),
        }),
  ),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  ...lineGradientPlanRules(planRule),
  // Tiles are of equal length, so that 5 of a line of 6 would be 3 under another name.
  planRule('tile-length', ({ bodies, params: { tiles } }) =>
    bodies.every(({ part }) => part.along === tiles)
      ? undefined
      : `lines have no ${tiles} tiles of equal length`,
  ),
  planRule('box', ({ pixels }) =>
    pixels <= MAX_BOX ? undefined : `a line of ${pixels} pixels is longer than the copy engine's ${MAX_BOX}`,
  ),
  // Else no line is on its way while all warps compute; and a warp's next stage is less than a round further.
  planRule('stages', (plan, machine) => {
    const { warps } = plan.params;
    const stages = stagesOf(plan, machine);
    return stages > warps
      ? undefined
      : `shared memory holds ${stages} lines of ${plan.pixels} pixels of x and dy, which leaves none on its way to ${warps} warps`;
  }),
  planRule('shared-memory', (plan, machine) => {
    const bytes = lineGradShared(plan, machine) + lineGradStatic(plan);
    return bytes <= machine.blockShared
      ? undefined
      : `a block's ${bytes} bytes, for the sums of its warps, are more than the ${machine.blockShared} of shared memory`;
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
