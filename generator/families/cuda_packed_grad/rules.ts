import { gradSize } from '../../gradient.js';
import { hasCopyEngine } from '../../target.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { apartFromTiles, straightLineRule, tooLongGradients } from '../limits.js';
import { blocksByShared, registersAThread, WARP } from '../multiprocessor.js';
import { planeRules, threadsRule } from '../plane_rules.js';
import {
  mostTaps,
  packedGrad,
  packedGradBlockShared,
  packedGradLeastRegisters,
  packedGradPlan,
  packedGradRegisters,
  packedGradSteps,
} from './plan.js';

const { rule, planRule } = cudaRules('cuda_packed_grad', packedGrad, packedGradPlan);

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op !== 'fprop' && dtype === 'f32' && layout === 'nchw'
      ? undefined
      : `cuda_packed_grad computes wgrad, backward and dgrad in f32 and NCHW, not ${op} in ${dtype} and ${layout}`,
  ),
  rule('dgrad-stride', ({ op, stride }) =>
    op !== 'dgrad' || stride > 1
      ? undefined
      : 'dgrad at stride 1 is fprop with reversed weights, which cuda_packed computes',
  ),
  straightLineRule,
  ...planeRules(rule),
  // A row of x belongs to one band, and all bands are alike.
  rule('band', ({ height, stride }, { band, planes }) => {
    if (band === 0) return undefined;
    const rows = band * stride;
    if (rows >= height || height % rows !== 0) return `bands of ${rows} rows of x are no parts of ${height}`;
    return planes === 1 ? undefined : `bands are taken of one plane at a time, not of ${planes}`;
  }),
  // Bands are copied as planes are: they start and end at multiples of 16 bytes, and so do rows of dy beside them.
  rule('band-bytes', (problem, { band }) => {
    const { width } = gradSize(problem);
    return band === 0 || (width % 4 === 0 && (band * problem.stride * problem.width) % 4 === 0)
      ? undefined
      : `bands of ${band} rows of ${width} and rows of ${problem.width} do not start at multiples of 16 bytes`;
  }),
  rule('order', (_, { order }) =>
    order <= 1 ? undefined : `order is 0 (images vary slowest) or 1 (directions do), not ${order}`,
  ),
  threadsRule(rule),
  rule('depth', (_, { depth }, machine) => {
    if (depth < 1) return `blocks hold the planes of at least 1 step, not of ${depth}`;
    // Below, the block copies itself, and waits.
    return depth === 1 || hasCopyEngine(machine.arch)
      ? undefined
      : `${machine.arch} has no copy engine that fetches planes of ${depth} steps beside the threads`;
  }),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  // Each lane of a warp ends with the sum of one tap, and one of them with that of the bias.
  planRule('taps', (plan) => {
    const taps = mostTaps(plan);
    return !plan.gradients.ofWeights || taps < WARP
      ? undefined
      : `${taps} sums and that of the bias are more than the ${WARP} lanes of a warp`;
  }),
  planRule('program-length', ({ bodies, gradients }) => tooLongGradients(bodies, gradients)),
  planRule('steps', (plan) => {
    const steps = packedGradSteps(plan, plan.params.images);
    return plan.params.depth <= steps
      ? undefined
      : `a block of ${steps} steps has no use for the planes of ${plan.params.depth}`;
  }),
  // Two directions whose blocks can be told apart.
  planRule('order-ranges', ({ params, ranges }) =>
    params.order === 0 || ranges.length > 1
      ? undefined
      : 'one direction cannot vary more slowly than another one',
  ),
  // Along a steep line tiles start at multiples of their length, and what can only meet zeros there is left out of the
  // program: a band must start at such a place, too.
  planRule('band-tile', ({ params: { band }, bodies }) =>
    apartFromTiles(
      bodies.flatMap(({ parts }) => parts.map(({ program }) => program.tile)),
      band,
    ),
  ),
  // Sums and weights that find no register are written to memory and read back at every use.
  planRule('registers', (plan, machine) => {
    const { threads, resident } = plan.params;
    const given = registersAThread(threads, resident);
    const needed = packedGradLeastRegisters(plan, machine);
    return needed <= given
      ? undefined
      : `a thread needs about ${needed} registers and has ${given} if ${resident} blocks of ${threads} are to fit`;
  }),
  planRule('shared-memory', (plan, machine) => {
    const { resident } = plan.params;
    const bytes = packedGradBlockShared(plan);
    return resident <= blocksByShared(machine, bytes)
      ? undefined
      : `${resident} blocks of ${bytes} bytes do not fit into the shared memory of ${machine.arch}`;
  }),
  // Registers that are left over are better spent on blocks that hide one another's copies.
  planRule('registers-idle', (plan, machine) => {
    const { threads, resident } = plan.params;
    const more = (resident + 1) * threads <= machine.threads;
    const shared = blocksByShared(machine, packedGradBlockShared(plan));
    const [given, next] = [resident, resident + 1].map((blocks) => registersAThread(threads, blocks));
    const needed = packedGradRegisters(plan);
    return more && resident < Math.min(shared, 8) && next! >= needed + SPARE
      ? `${resident} blocks of ${threads} leave a thread ${given} registers, of which it needs about ${needed}`
      : undefined;
  }),
];

/** Registers that a compiler may make use of beyond what is needed. */
const SPARE = 16;

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const PACKED_GRAD_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
