import { groups } from '../../group.js';
import { memoize } from '../../memo.js';
import type { Problem } from '../../problem.js';
import { widestGroup } from '../chunk.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { straightLineRule } from '../limits.js';
import { MAX_REGISTERS, registersAThread, WARP } from '../multiprocessor.js';
import { directGrad, directGradPlan, linesAStep, pixelsARow, sharedBytes } from './plan.js';
import { codeBytes, pairs, registers } from './size.js';

const { rule, planRule } = cudaRules('cuda_direct_grad', directGrad, directGradPlan);

/** Sums of a lane and channel: one for each tap and one for the bias. */
const MAX_SLOTS = 32;
/** What any schedule may ask for. */
const FEW_REGISTERS = 64;
/** Multiply-adds of a direction: beyond them compilers take minutes and the code leaves the instruction cache. */
const MAX_MULTIPLY_ADDS = 4096;
/** Slower than half of a copy's speed where forward kernels were measured, and minutes of compiling. */
const MAX_CODE = 224 << 10;
/** Code that all directions keep in the caches of instructions, in bytes. */
const SMALL_CODE = 48 << 10;
/** The fewest lanes that a tile's channels are spread over: 32 bytes of a pixel. */
const FEW_LANES = 8;
/** Pixels for each sum of a row: fewer took some percent where it was measured, more left multiprocessors idle. */
const LEAST_PIXELS = 12;
const MOST_PIXELS = 64;
/** What planes of a few pixels get by with. */
const MANY_IMAGES = 8;
/** Static shared memory of a block. */
const MAX_SHARED = 48 << 10;

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

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  // Warps behind the end of every line would be launched for nothing.
  planRule('along', ({ bodies, params }) => {
    const tiles = Math.max(...bodies.flatMap(({ parts }) => parts.map(({ along }) => along)));
    return tiles % params.along === 0
      ? undefined
      : `${tiles} tiles a line are not whole blocks of ${params.along}`;
  }),
  // What goes over a plane in fewer steps, or with fewer warps, is the same kernel again.
  planRule('steps-idle', ({ bodies, params }) => {
    const walks = Math.max(...bodies.flatMap(({ parts }) => parts.map((part) => part.walks)));
    return params.steps < 2 * walks
      ? undefined
      : `no warp walks over more than ${walks} of ${params.steps} lines`;
  }),
  planRule('lines-idle', ({ bodies, params }) => {
    const lines = Math.max(...bodies.flatMap(({ parts }) => parts.map(({ across }) => across)));
    const step = linesAStep(params);
    return params.across === 1 || step < 2 * lines
      ? undefined
      : `a block has ${step} lines at a time, and a plane ${lines}`;
  }),
  // Whoever walks over images before it has gone over a plane keeps more of them under way than the caches hold.
  planRule('images-early', ({ blocks, params: { images } }) =>
    images === 1 || blocks <= 2
      ? undefined
      : `${images} images a block, of which it has only a part in ${blocks}, are walked over too early`,
  ),
  // A row of partial sums is written and read again: the pixels behind it have to be worth it.
  planRule('row-short', (plan) => {
    const [pixels, least] = [Math.floor(pixelsARow(plan)), LEAST_PIXELS * plan.slots];
    return !plan.gradients.ofWeights || pixels >= least || plan.params.images >= MANY_IMAGES
      ? undefined
      : `${pixels} pixels are not worth a row of ${plan.slots} sums: fewer than ${least}`;
  }),
  // Beyond that, rows are no load any more, and fewer blocks only leave multiprocessors idle.
  planRule('row-long', (plan) => {
    const { params } = plan;
    const [pixels, most] = [Math.floor(pixelsARow(plan)), MOST_PIXELS * plan.slots];
    return pixels <= most || (params.steps === 1 && params.images === 1)
      ? undefined
      : `a walk over ${pixels} pixels for a row of ${plan.slots} sums is longer than ${most}`;
  }),
  // The compiler fills registers with values of dy that it loads ahead of their use, but not with more than there are.
  planRule('registers-idle', (plan) => {
    const { bodies, threads, params } = plan;
    const ahead = Math.max(
      ...bodies.flatMap(({ parts }) => parts.map(({ program }) => program.loads.length)),
    );
    const most = Math.min(
      MAX_REGISTERS,
      registers(plan.problem, params, plan.slots - 1) + params.vector * Math.min(ahead, MAX_AHEAD),
    );
    return registersAThread(threads, params.resident + 1) < Math.max(most, FEW_REGISTERS)
      ? undefined
      : `one more block than ${params.resident} would leave the ${most} registers that a thread can use`;
  }),
  planRule('shared-memory', (plan) => {
    const bytes = sharedBytes(plan);
    return bytes <= MAX_SHARED
      ? undefined
      : `sums of ${plan.threads / WARP} warps take ${bytes} bytes of shared memory, and a block has ${MAX_SHARED}`;
  }),
  planRule('program-length', ({ bodies, gradients: { ofInput, ofWeights } }) => {
    const most = Math.max(...bodies.map(({ parts }) => parts.reduce((sum, part) => sum + pairs(part), 0)));
    const longest = most * (ofInput && ofWeights ? 2 : 1);
    return longest <= MAX_MULTIPLY_ADDS
      ? undefined
      : `a body of ${longest} multiply-adds is longer than the ${MAX_MULTIPLY_ADDS} that are compiled as straight-line code`;
  }),
  // Blocks of all directions run side by side and share a multiprocessor's caches of instructions.
  planRule('code', (plan) => {
    const bytes = codeBytes(plan);
    return bytes <= MAX_CODE
      ? undefined
      : `${plan.bodies.length} bodies of ${Math.ceil(bytes / 1024)} KiB of code are more than the ${MAX_CODE >> 10} KiB that caches of instructions feed`;
  }),
  // Short pieces of memory buy nothing where code stays cached anyway.
  planRule('order-idle', (plan) => {
    const bytes = codeBytes(plan);
    return plan.params.order === 0 || bytes > SMALL_CODE
      ? undefined
      : `${Math.ceil(bytes / 1024)} KiB of code stay cached in any order of blocks`;
  }),
];

/** Values of dy that are worth loading ahead. */
const MAX_AHEAD = 16;

/** Pixels of the largest part. */
function partSize({ height, width, stride }: Problem) {
  return { height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
}

/** What makes a schedule legal; rules that need the whole plan come last. */
export const DIRECT_GRAD_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
