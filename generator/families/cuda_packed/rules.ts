import { outputSize } from '../../problem.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { straightLineRule, tooLong } from '../limits.js';
import { blocksByShared, registersAThread } from '../multiprocessor.js';
import { packed, packedPlan, packedRegisters, packedShared } from './plan.js';

const { rule, planRule } = cudaRules('cuda_packed', packed, packedPlan);

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nchw'
      ? undefined
      : `cuda_packed computes fprop in f32 and NCHW, not ${op} in ${dtype} and ${layout}`,
  ),
  straightLineRule,
  // The copy engine moves units of 16 bytes that start at multiples of 16 bytes, and every plane starts where the last ends.
  rule('plane-bytes', (problem) => {
    const out = outputSize(problem);
    const sizes = [problem.height * problem.width, out.height * out.width];
    return sizes.every((size) => size % 4 === 0)
      ? undefined
      : `planes of ${sizes.map((size) => 4 * size).join(' and ')} bytes are no multiples of the 16 that are copied at once`;
  }),
  // Offsets within a plane are 32-bit numbers.
  rule('plane-size', ({ height, width }) =>
    height * width < 2 ** 29
      ? undefined
      : `a plane of ${4 * height * width} bytes has places beyond 32-bit numbers`,
  ),
  // A tile that is longer than the plane only computes what it throws away.
  rule('tile-length', (problem, { shallow, steep }) => {
    const { height, width } = outputSize(problem);
    return shallow >= 1 && steep >= 1 && shallow <= width && steep <= height
      ? undefined
      : `tiles of ${shallow} along rows and ${steep} along columns do not fit into ${height}x${width}`;
  }),
  // A step has buffers for `planes` images; a number that they do not divide leaves some of them empty.
  rule('images', (_, { planes, images }) =>
    planes >= 1 && images >= planes && images % planes === 0
      ? undefined
      : `${images} images a block are not taken ${planes} at a time`,
  ),
  // Each step widens what is under way, and the second-level cache holds only so much of it.
  rule('steps', (_, { planes, images }) =>
    images <= 4 * planes ? undefined : `${images / planes} steps a block keep too many images under way`,
  ),
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
  // Blocks are whole warps, and a multiprocessor holds so many of them.
  rule('threads', (_, { threads, resident }, machine) => {
    const whole = threads >= 32 && threads % 32 === 0 && threads <= 1024;
    return whole && resident >= 1 && resident <= machine.blocks && threads * resident <= machine.threads
      ? undefined
      : `${resident} blocks of ${threads} threads are no whole warps, or more than a multiprocessor's ${machine.blocks} or ${machine.threads}, or a block's 1024`;
  }),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  planRule('program-length', ({ bodies }) => tooLong(bodies)),
  // Along a steep line tiles start at multiples of their length, and what can only meet zeros there is left out of the
  // program: a band must start at such a place, too.
  planRule('band-tile', ({ params, bodies }) =>
    params.band % params.steep !== 0 && bodies.some(({ program }) => program.tile.major === 'y')
      ? `bands of ${params.band} rows do not start where tiles of ${params.steep} do`
      : undefined,
  ),
  // Sums and weights that find no register are written to memory and read back at every use.
  planRule('registers', (plan) => {
    const { threads, resident } = plan.params;
    const given = registersAThread(threads, resident);
    const needed = packedRegisters(plan);
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
