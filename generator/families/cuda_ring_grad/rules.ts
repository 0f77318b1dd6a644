import { groups } from '../../group.js';
import { boxRules } from '../box_rules.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import type { LineBody } from '../gradient_chunk.js';
import { lineGradientPlanRules, lineGradientRules } from '../gradient_line_rules.js';
import { tooManyProducts } from '../limits.js';
import { linesOfWarp } from '../ring.js';
import { innerGroups, isPartlyInner } from '../ring_inner.js';
import { ringPlanRules } from '../ring_plan_rules.js';
import { ringRules } from '../ring_rules.js';
import {
  ringGrad,
  ringGradPlan,
  ringGradRegisters,
  ringGradShared,
  ringGradStatic,
  STRAIGHT,
} from './plan.js';

const { rule, planRule } = cudaRules('cuda_ring_grad', ringGrad, ringGradPlan);

/** Pixels of a straight tile at least, where it is no whole line, and of a sheared one at most. */
const LEAST_STRAIGHT = 14;
const MOST_SHEARED = 16;

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  ...lineGradientRules('cuda_ring_grad', rule),
  ...boxRules(rule),
  rule('switches', (_, { shared, ahead, order, producer }) =>
    [shared, ahead, order, producer].every((value) => value <= 1) ? undefined : 'switches are 0 or 1',
  ),
  rule('skip', (_, { skip }) =>
    skip <= STRAIGHT
      ? undefined
      : `skip is 0 (no load), 1 (those of lines that are outside) or ${STRAIGHT} (and tiles are straight), not ${skip}`,
  ),
  // Of wgrad, whose code is half as long, it was no faster (docs/gpu-backward.md); where lines are skipped, they are tested anyway.
  rule('inner', ({ op }, { inner, skip }) => {
    if (inner === 0) return undefined;
    if (op !== 'backward') return `${op} has one code for all of its tiles`;
    return skip === 0
      ? undefined
      : 'loads of lines that are outside are skipped, so that lines are tested anyway';
  }),
  rule('shared-weights', ({ op }, { shared }) =>
    shared === 0 || op === 'backward' ? undefined : `${op} has no weights to keep in shared memory`,
  ),
  rule('order', (problem, { order }) =>
    order === 0 || groups(problem).length > 1
      ? undefined
      : 'one direction cannot vary more slowly than another one',
  ),
  ...ringRules(rule, ({ producer }) => producer),
  // Registers hold the x of two sheared tiles, and were never better spent.
  rule('ahead', ({ op }, { ahead, skip }) =>
    ahead === 1 || skip === STRAIGHT || op === 'wgrad' ? undefined : `${op} loads x of sheared tiles ahead`,
  ),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  // A straight tile meets all lines that the kernel spans, however short it is; a sheared one sticks out by as many as it spans.
  planRule('tile-form', ({ params: { skip }, bodies }) => {
    const straight = skip === STRAIGHT;
    const unfit = bodies
      .map(({ part: { along, program } }) => ({ along, length: program.tile.outputs.length }))
      .find(({ along, length }) => (straight ? length < LEAST_STRAIGHT && along > 1 : length > MOST_SHEARED));
    if (!unfit) return undefined;
    return straight
      ? `straight tiles of ${unfit.length} pixels are shorter than ${LEAST_STRAIGHT} and no whole lines`
      : `sheared tiles of ${unfit.length} pixels are longer than ${MOST_SHEARED}`;
  }),
  // A second code that no tile comes to is but longer, as zeros that nobody reads are but memory.
  planRule('inner', (plan) => {
    const { inner } = plan.params;
    if (inner === 0) return undefined;
    const useful = ({ part }: LineBody) =>
      inner === 1
        ? isPartlyInner(plan, part)
        : innerGroups(plan, part) > innerGroups(plan, part, plan.margin - 1);
    if (plan.bodies.some(useful)) return undefined;
    return inner === 1
      ? 'either all tiles or none have all of their lines inside, in each direction'
      : `zeros of ${plan.margin} lines above and below serve no more tiles than those of ${plan.margin - 1}`;
  }),
  ...lineGradientPlanRules(planRule),
  ...ringPlanRules(planRule, {
    tilings: ({ bodies }) => bodies.map(({ part }) => part),
    sharedBytes: (plan) => ringGradShared(plan) + ringGradStatic(plan),
    registers: ringGradRegisters,
  }),
  // A sum in float32 is as exact as it is short.
  planRule('products', ({ problem: { height, width }, params }) => {
    const { images, warps } = params;
    const products = Math.ceil((images * height * width) / (warps * linesOfWarp(params)));
    return tooManyProducts(products);
  }),
];

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const RING_GRAD_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
