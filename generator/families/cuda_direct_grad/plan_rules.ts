import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { tooLongGradients } from '../limits.js';
import { MAX_REGISTERS, registersAThread, STATIC_SHARED, WARP } from '../multiprocessor.js';
import { directGrad, directGradPlan, linesAStep, pixelsARow, sharedBytes } from './plan.js';
import { codeBytes, registers } from './size.js';

const { planRule } = cudaRules('cuda_direct_grad', directGrad, directGradPlan);

/** What any schedule may ask for. */
const FEW_REGISTERS = 64;
/** Values of dy that are worth loading ahead. */
const MAX_AHEAD = 16;
/** Slower than half of a copy's speed where forward kernels were measured, and minutes of compiling. */
const MAX_CODE = 224 << 10;
/** Code that all directions keep in the caches of instructions, in bytes. */
const SMALL_CODE = 48 << 10;
/** Pixels for each sum of a row: fewer took some percent where it was measured, more left multiprocessors idle. */
const LEAST_PIXELS = 12;
const MOST_PIXELS = 64;
/** What planes of a few pixels get by with. */
const MANY_IMAGES = 8;

/** Rules that need the bodies. */
export const PLAN_RULES: readonly Rule[] = [
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
    return bytes <= STATIC_SHARED
      ? undefined
      : `sums of ${plan.threads / WARP} warps take ${bytes} bytes of shared memory, and a block has ${STATIC_SHARED}`;
  }),
  planRule('program-length', ({ bodies, gradients }) => tooLongGradients(bodies, gradients)),
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
