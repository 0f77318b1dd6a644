import { outputSize } from '../../problem.js';
import { usedTaps } from '../chunk.js';
import { cudaRules, registersThere } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { blockRule, laneRules } from '../lane_rules.js';
import { straightLineRule, tooLarge, tooLong } from '../limits.js';
import { MAX_REGISTERS, registersAThread } from '../multiprocessor.js';
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

/** What makes a schedule legal; rules that need the whole plan come last. */
export const DIRECT_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nhwc'
      ? undefined
      : `cuda_direct computes fprop in f32 and NHWC, not ${op} in ${dtype} and ${layout}`,
  ),
  straightLineRule,
  ...laneRules(rule),
  // A tile that is longer than every side only computes what it throws away.
  rule('tile-length', (problem, { length }) => tooLarge(problem, length, outputSize(problem), 'outputs')),
  blockRule(rule),
  // Warps behind the end of every line would be launched for nothing.
  planRule('along', ({ bodies, params }) => {
    const tiles = Math.max(...bodies.map(({ along }) => along));
    return tiles % params.along === 0
      ? undefined
      : `${tiles} tiles a line are not whole blocks of ${params.along}`;
  }),
  // Accumulators and weights live in registers; what does not fit would be spilled.
  planRule('registers', ({ problem, bodies, threads, params: { length, vector, resident } }) => {
    const weights = Math.max(...bodies.map(({ program }) => usedTaps(program)));
    const all = (length + weights) * vector + OTHER_REGISTERS;
    // A compiler that is short of them loads long kernels' weights one after the other, but inputs need some, too.
    const least = (length + Math.min(length, weights) + INPUTS) * vector + OTHER_REGISTERS;
    const there = registersThere(problem, threads, resident);
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
