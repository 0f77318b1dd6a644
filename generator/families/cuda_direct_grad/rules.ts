import { groups } from '../../group.js';
import { memoize } from '../../memo.js';
import type { Problem } from '../../problem.js';
import { widestGroup } from '../chunk.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { straightLineRule } from '../limits.js';
import { registersAThread, WARP } from '../multiprocessor.js';
import { directGrad, directGradPlan } from './plan.js';
import { PLAN_RULES } from './plan_rules.js';
import { registers } from './size.js';

const { rule } = cudaRules('cuda_direct_grad', directGrad, directGradPlan);

/** Sums of a lane and channel: one for each tap and one for the bias. */
const MAX_SLOTS = 32;
/** The fewest lanes that a tile's channels are spread over: 32 bytes of a pixel. */
const FEW_LANES = 8;

/** Where groups of channels start, and how many channels and taps the widest and longest have. A space asks for it thousands of times. */
const directions = memoize(
  ({ kernel, channels, angles }: Problem) => [kernel, channels, angles.join(' ')].join(),
  (problem: Problem) => ({
    starts: groups(problem).map(({ from }) => from),
    widest: widestGroup(problem),
    taps: Math.max(...groups(problem).map(({ taps }) => taps.taps.length)),
  }),
);

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
  // Offsets inside of an image are 32-bit.
  rule('image-size', ({ height, width, channels }) =>
    height * width * channels < 2 ** 31
      ? undefined
      : `an image of ${height}x${width}x${channels} has more than 2^31 - 1 values`,
  ),
  // A lane is a load of 4 or 8 bytes.
  rule('vector', (_, { vector }) =>
    [1, 2].includes(vector) ? undefined : `${vector} channels a lane are neither 1 nor 2`,
  ),
  // A lane holds channels of one direction only, and starts at a multiple of its own size.
  rule('vector-group', (problem, { vector }) =>
    problem.channels % vector === 0 && directions(problem).starts.every((from) => from % vector === 0)
      ? undefined
      : `groups of channels do not start at multiples of ${vector}`,
  ),
  rule('lanes', (_, { lanes }) =>
    [8, 16, 32].includes(lanes) ? undefined : `${lanes} lanes are none of 8, 16 and 32`,
  ),
  // Lanes beyond a group's channels have nothing to do.
  rule('lanes-idle', (problem, { lanes, vector }) => {
    const needed = Math.ceil(directions(problem).widest / vector);
    const narrowest = lanes === FEW_LANES && vector === 1;
    return narrowest || needed > lanes / 2
      ? undefined
      : `half of ${lanes} lanes hold the ${needed} of the widest group`;
  }),
  // Short pieces of a pixel reach the second cache's limit of requests before its limit of bytes.
  rule('lanes-short', (problem, { lanes, vector }) =>
    lanes === WARP || directions(problem).widest < 2 * lanes * vector
      ? undefined
      : `groups of ${directions(problem).widest} channels fill more than ${lanes} lanes of ${vector}`,
  ),
  // A tile that is longer than every line of a part only computes what it throws away.
  rule('tile-length', (problem, { length }) => {
    const { height, width } = partSize(problem);
    return length >= 1 && length <= Math.max(height, width)
      ? undefined
      : `no line of ${length} pixels fits into ${height}x${width}`;
  }),
  rule('block', (_, { along, across, resident }, machine) => {
    const threads = WARP * along * across;
    return threads >= WARP &&
      resident >= 1 &&
      threads <= 1024 &&
      threads * resident <= machine.threads &&
      resident <= machine.blocks
      ? undefined
      : `${resident} blocks of ${threads} threads are more than a multiprocessor's ${machine.blocks} or ${machine.threads}, or a block's 1024`;
  }),
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
    return problem.op === 'dgrad' || taps < MAX_SLOTS
      ? undefined
      : `sums on ${taps} taps and of the bias are more than the ${MAX_SLOTS} that registers hold`;
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
