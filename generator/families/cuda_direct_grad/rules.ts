import type { Problem } from '../../problem.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { blockRule, directions, laneRules } from '../lane_rules.js';
import { straightLineRule, tooLarge } from '../limits.js';
import { registersAThread, WARP } from '../multiprocessor.js';
import { directGrad, directGradPlan } from './plan.js';
import { PLAN_RULES } from './plan_rules.js';
import { registers } from './size.js';

const { rule } = cudaRules('cuda_direct_grad', directGrad, directGradPlan);

/** Sums of a lane and channel: one for each tap of 31, or of 7x7, and one for the bias. */
const MAX_SLOTS = { line: 32, square: 50 } as const;

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op !== 'fprop' && dtype === 'f32' && layout === 'nhwc'
      ? undefined
      : `cuda_direct_grad computes wgrad, backward and dgrad in f32 and NHWC, not ${op} in ${dtype} and ${layout}`,
  ),
  rule('dgrad-stride', ({ op, stride }) =>
    op !== 'dgrad' || stride > 1
      ? undefined
      : 'dgrad at stride 1 is fprop with reversed weights, which cuda_direct computes',
  ),
  straightLineRule,
  ...laneRules(rule),
  // A tile that is longer than every line of a part only computes what it throws away.
  rule('tile-length', (problem, { length }) => tooLarge(problem, length, partSize(problem), 'pixels')),
  blockRule(rule),
  rule('walk', (_, { steps, images }) =>
    steps >= 1 && images >= 1 ? undefined : `a walk over ${steps} lines of ${images} images goes nowhere`,
  ),
  // Without sums that go on, a walk only widens what is under way.
  rule('walk-idle', ({ op }, { steps, images }) =>
    op !== 'dgrad' || (steps === 1 && images === 1)
      ? undefined
      : `dgrad has no sums that a walk over ${steps} lines of ${images} images would keep`,
  ),
  rule('shared', ({ op }, { shared }) =>
    shared === 0 || (shared === 1 && op !== 'wgrad')
      ? undefined
      : `${op} does not keep its weights in shared memory by ${shared}`,
  ),
  rule('order', (problem, { order }) =>
    order === 0 || (order === 1 && directions(problem).starts.length > 1)
      ? undefined
      : `order ${order} is neither 0 (images vary slowest) nor 1 (several directions do)`,
  ),
  // Sums of all taps stay in registers.
  rule('taps', (problem) => {
    const { taps } = directions(problem);
    const most = MAX_SLOTS[problem.filter];
    return problem.op === 'dgrad' || taps < most
      ? undefined
      : `sums on ${taps} taps and of the bias are more than the ${most} that registers hold`;
  }),
  rule('registers', (problem, params) => {
    const { along, across, resident } = params;
    const threads = WARP * along * across;
    const needed = registers(problem, params, directions(problem).taps);
    const there = registersAThread(threads, resident);
    return needed <= there
      ? undefined
      : `a thread needs about ${needed} registers and has ${there} if ${resident} blocks of ${threads} are to fit`;
  }),
];

/** Pixels of the largest part. */
function partSize({ height, width, stride }: Problem) {
  return { height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
}

/** What makes a schedule legal; rules that need the whole plan come last. */
export const DIRECT_GRAD_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
