import { groups } from '../../group.js';
import { outputSize } from '../../problem.js';
import { usedTaps, widestGroup } from '../chunk.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { straightLineRule, tooLong } from '../limits.js';
import { MAX_REGISTERS, registersAThread, WARP } from '../multiprocessor.js';
import { codeBytes } from './cost.js';
import { direct, directPlan } from './plan.js';

const { rule, planRule } = cudaRules('cuda_direct', direct, directPlan);

/** Addresses, indices and tests of a thread, roughly. */
const OTHER_REGISTERS = 10;
/** Inputs that are on their way at a time, at least. */
const INPUTS = 6;
/** Slower than half of a copy's speed where it was measured, and minutes of compiling. */
const MAX_CODE = 192 << 10;
/** What any schedule may ask for. */
const FEW_REGISTERS = 64;
/** The fewest lanes that a tile's channels are spread over: 32 bytes of a pixel. */
const FEW_LANES = 8;

/** What makes a schedule legal; rules that need the whole plan come last. */
export const DIRECT_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nhwc'
      ? undefined
      : `cuda_direct computes fprop in f32 and NHWC, not ${op} in ${dtype} and ${layout}`,
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
    problem.channels % vector === 0 && groups(problem).every(({ from }) => from % vector === 0)
      ? undefined
      : `groups of channels do not start at multiples of ${vector}`,
  ),
  rule('lanes', (_, { lanes }) =>
    [8, 16, 32].includes(lanes) ? undefined : `${lanes} lanes are none of 8, 16 and 32`,
  ),
  // Lanes beyond a group's channels have nothing to do.
  rule('lanes-idle', (problem, { lanes, vector }) => {
    const needed = Math.ceil(widestGroup(problem) / vector);
    const narrowest = lanes === FEW_LANES && vector === 1;
    return narrowest || needed > lanes / 2
      ? undefined
      : `half of ${lanes} lanes hold the ${needed} of the widest group`;
  }),
  // Short pieces of a pixel reach the second cache's limit of requests before its limit of bytes.
  rule('lanes-short', (problem, { lanes, vector }) =>
    lanes === WARP || widestGroup(problem) < 2 * lanes * vector
      ? undefined
      : `groups of ${widestGroup(problem)} channels fill more than ${lanes} lanes of ${vector}`,
  ),
  // A tile that is longer than every side only computes what it throws away.
  rule('tile-length', (problem, { length }) => {
    const { height, width } = outputSize(problem);
    return length >= 1 && length <= Math.max(height, width)
      ? undefined
      : `no line of ${length} outputs fits into ${height}x${width}`;
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
  // Warps behind the end of every line would be launched for nothing.
  planRule('along', ({ bodies, params }) => {
    const tiles = Math.max(...bodies.map(({ along }) => along));
    return tiles % params.along === 0
      ? undefined
      : `${tiles} tiles a line are not whole blocks of ${params.along}`;
  }),
  // Accumulators and weights live in registers; what does not fit would be spilled.
  planRule('registers', ({ bodies, threads, params: { length, vector, resident } }) => {
    const weights = Math.max(...bodies.map(({ program }) => usedTaps(program)));
    const all = (length + weights) * vector + OTHER_REGISTERS;
    // A compiler that is short of them loads long kernels' weights one after the other, but inputs need some, too.
    const least = (length + Math.min(length, weights) + INPUTS) * vector + OTHER_REGISTERS;
    const there = registersAThread(threads, resident);
    return Math.max(all, least) <= there
      ? undefined
      : `${length} outputs and ${weights} weights of ${vector} channels do not fit into ${there} registers`;
  }),
  // The compiler fills registers with inputs that it loads ahead of their use, but not with more than there are.
  planRule('registers-idle', ({ bodies, threads, params: { length, vector, resident } }) => {
    const values = bodies.map(({ program }) => usedTaps(program) + program.loads.length);
    const most = Math.min(MAX_REGISTERS, (length + Math.max(...values)) * vector + OTHER_REGISTERS);
    return registersAThread(threads, resident + 1) < Math.max(most, FEW_REGISTERS)
      ? undefined
      : `one more block than ${resident} would leave the ${most} registers that all values of a tile take`;
  }),
  planRule('program-length', ({ bodies }) => tooLong(bodies)),
  // Blocks of all directions run side by side and share a multiprocessor's caches of instructions.
  planRule('code', ({ bodies, params: { vector } }) => {
    const bytes = bodies.reduce((sum, body) => sum + codeBytes(body, vector), 0);
    return bytes <= MAX_CODE
      ? undefined
      : `${bodies.length} bodies of ${Math.ceil(bytes / 1024)} KiB of code are more than the ${MAX_CODE >> 10} KiB that caches of instructions feed`;
  }),
];
