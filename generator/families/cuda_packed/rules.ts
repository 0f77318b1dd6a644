import { outputSize } from '../../problem.js';
import { cudaRules, registersThere } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { apartFromTiles, straightLineRule, tooLong } from '../limits.js';
import { blocksByShared, registersAThread } from '../multiprocessor.js';
import { planeRules, threadsRule } from '../plane_rules.js';
import { packed, packedLeastRegisters, packedPlan, packedRegisters, packedShared } from './plan.js';

const { rule, planRule } = cudaRules('cuda_packed', packed, packedPlan);

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nchw'
      ? undefined
      : `cuda_packed computes fprop in f32 and NCHW, not ${op} in ${dtype} and ${layout}`,
  ),
  straightLineRule,
  ...planeRules(rule),
  rule('band', (problem, { band, planes }) => {
    const { height } = outputSize(problem);
    if (band === 0) return undefined;
    if (band >= height) return `a band of ${band} rows is no part of ${height}`;
    return planes === 1 ? undefined : `bands are taken of one plane at a time, not of ${planes}`;
  }),
  // Bands are copied as planes are: they start and end at multiples of 16 bytes.
  rule('band-bytes', (problem, { band }) => {
    const { width } = outputSize(problem);
    return band === 0 || (problem.width % 4 === 0 && (band * width) % 4 === 0)
      ? undefined
      : `bands of ${band} rows of ${problem.width} inputs and ${width} outputs do not start at multiples of 16 bytes`;
  }),
  threadsRule(rule),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  planRule('program-length', ({ bodies }) => tooLong(bodies)),
  // Along a steep line tiles start at multiples of their length, and what can only meet zeros there is left out of the
  // program: a band must start at such a place, too.
  planRule('band-tile', ({ params, bodies }) =>
    apartFromTiles(
      bodies.map(({ program }) => program.tile),
      params.band,
    ),
  ),
  // Sums and weights that find no register are written to memory and read back at every use.
  planRule('registers', (plan, machine) => {
    const { threads, resident } = plan.params;
    const given = registersThere(plan.problem, threads, resident);
    const needed = packedLeastRegisters(plan, machine);
    return needed <= given
      ? undefined
      : `a thread needs about ${needed} registers and has ${given} if ${resident} blocks of ${threads} are to fit`;
  }),
  planRule('shared-memory', (plan, machine) => {
    const { resident } = plan.params;
    const bytes = packedShared(plan);
    return resident <= blocksByShared(machine, bytes)
      ? undefined
      : `${resident} blocks of ${bytes} bytes do not fit into the shared memory of ${machine.arch}`;
  }),
  // Registers that are left over are better spent on blocks that hide one another's copies, down to what few need anyway.
  planRule('registers-idle', (plan, machine) => {
    const { threads, resident } = plan.params;
    const more = resident < 8 && resident < blocksByShared(machine, packedShared(plan));
    const given = registersAThread(threads, resident);
    const needed = packedRegisters(plan);
    return more && (resident + 1) * threads <= machine.threads && given > 3 * needed
      ? `${resident} blocks of ${threads} leave a thread ${given} registers, of which it needs about ${needed}`
      : undefined;
  }),
];

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const PACKED_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
