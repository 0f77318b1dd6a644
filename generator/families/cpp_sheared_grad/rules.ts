import { gradSize } from '../../gradient.js';
import { groups } from '../../group.js';
import type { Problem } from '../../problem.js';
import type { CpuTarget, Target } from '../../target.js';
import { lanesGroupRule, lanesRule, prefetchPlanesRule, switchesRule } from '../cpp_sheared/rules.js';
import type { Params, Rule } from '../family.js';
import { gradientsOf } from '../gradient_text.js';
import { apartFromTiles, straightLineRule, tooLarge, tooLong } from '../limits.js';
import { type GradParams, gradParams, gradPlan, scratchOf } from './plan.js';

/** Products that a float32 sums up before its sum goes on in float64: rounding errors of that many stay below 1e-5. */
const MAX_PRODUCTS = 1 << 14;

/** Rules that look at the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, stride }) => {
    if (op === 'dgrad' && stride === 1) return 'dgrad at stride 1 is computed as fprop with reversed weights';
    return op !== 'fprop' && dtype === 'f32'
      ? undefined
      : `cpp_sheared_grad computes wgrad, backward and strided dgrad in f32, not ${op} in ${dtype}`;
  }),
  straightLineRule,
  // A pixel that is not in a register costs a load, and one of dx a store, at each multiply-add.
  rule('registers', ({ op }, { length }, { registers }) => {
    const { ofInput, ofWeights } = gradientsOf(op);
    const held = length * (Number(ofInput) + Number(ofWeights));
    return length >= 1 && held + 2 <= registers
      ? undefined
      : `${held} vectors of x and dx, one of dy and a tap's do not fit into ${registers} vector registers`;
  }),
  // A tile that is longer than every side only computes what it throws away.
  rule('tile-length', (problem, { length }) => tooLarge(problem, length, gradSize(problem), 'pixels')),
  lanesRule,
  lanesGroupRule,
  rule('band', (problem, { band }) => {
    const { height } = gradSize(problem);
    return band === 0 || (band >= 1 && band < height)
      ? undefined
      : `a band of ${band} rows is no part of ${height}`;
  }),
  switchesRule,
  // Only in NHWC is a row of pixels whole memory lines, and only at stride 1 do all tiles follow the slab down alike.
  rule('rolling', ({ layout, stride }, { prefetch, band }) =>
    prefetch !== 2 || (layout === 'nhwc' && stride === 1 && band !== 0)
      ? undefined
      : 'a slab rolls (prefetch 2) over the bands of an NHWC plane at stride 1',
  ),
  prefetchPlanesRule,
  // A streamed store that does not fill an aligned line is slower than a plain one.
  rule('stream-lines', (problem, { lanes, stream, band }) => {
    if (stream === 0) return undefined;
    if (!gradientsOf(problem.op).ofInput) return 'wgrad writes no dx that could be streamed';
    if (lanes !== 16) return `streamed stores fill 64-byte lines, that is 16 lanes, not ${lanes}`;
    return dxIsLines(problem, band)
      ? undefined
      : 'dx does not start on 64-byte lines, so it cannot be streamed';
  }),
];

function dxIsLines(problem: Problem, band: number): boolean {
  const { layout, channels, height, width, stride } = problem;
  return layout === 'nhwc'
    ? channels % 16 === 0 && groups(problem).every(({ from }) => from % 16 === 0)
    : (height * width) % 16 === 0 && (band * stride * width) % 16 === 0;
}

function rule(
  id: string,
  broken: (problem: Problem, params: GradParams, target: CpuTarget) => string | undefined,
): Rule {
  return {
    id,
    broken: (problem: Problem, target: Target, params: Params) =>
      target.kind === 'cpu'
        ? broken(problem, gradParams(params), target)
        : `cpp_sheared_grad is a family of CPU kernels, not of ${target.kind}`,
  };
}

const sumRule = rule('sum-length', (problem, params) => {
  const products = gradPlan(problem, params).bandRows * gradSize(problem).width;
  return !gradientsOf(problem.op).ofWeights || products <= MAX_PRODUCTS
    ? undefined
    : `a unit sums ${products} products in float32, more than the ${MAX_PRODUCTS} that stay exact enough; take shorter bands`;
});

const programRule = rule('program-length', (problem, params) => {
  const { ofInput, ofWeights } = gradientsOf(problem.op);
  const parts = gradPlan(problem, params).bodies.flatMap((body) => body.parts);
  return tooLong(parts, Number(ofInput) + Number(ofWeights));
});

// Along a steep line tiles start at multiples of their length, and what can only meet zeros there is left out of the
// program: a band must start at such a place, too.
const bandTileRule = rule('band-tile', (problem, params) => {
  const { bodies } = gradPlan(problem, params);
  return apartFromTiles(
    bodies.flatMap(({ parts }) => parts.map(({ program }) => program.tile)),
    params.band,
  );
});

// A slab that falls out of the caches is read back from the memory that it was meant to save.
const slabRule = rule('slab', (problem, params, { slabBytes }) => {
  const plan = gradPlan(problem, params);
  const bytes = 4 * Math.max(...plan.blocks.map((block) => scratchOf(plan, block).total));
  return bytes <= slabBytes
    ? undefined
    : `${bytes} bytes of staged pixels are more than the ${slabBytes} that stay cached`;
});

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const GRAD_RULES: readonly Rule[] = [...PARAMETER_RULES, sumRule, programRule, bandTileRule, slabRule];
