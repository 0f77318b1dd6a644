import { boxRules } from '../box_rules.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { tooLong } from '../limits.js';
import { ringPlanRules } from '../ring_plan_rules.js';
import { ringRules } from '../ring_rules.js';
import { allShared, PRODUCERS, ring, ringPlan, ringRegisters } from './plan.js';

const { rule, planRule } = cudaRules('cuda_ring', ring, ringPlan);

/** Rules that look at the problem and the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout, stride }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nhwc' && stride === 1
      ? undefined
      : `cuda_ring computes fprop of stride 1 in f32 and NHWC, not ${op} of stride ${stride} in ${dtype} and ${layout}`,
  ),
  // The order of tiles is that of lines.
  rule('filter', ({ filter }) =>
    filter === 'line' ? undefined : 'cuda_ring computes lines, not square filters',
  ),
  ...boxRules(rule),
  ...ringRules(rule, () => PRODUCERS),
];

/** Rules that need the bodies. */
const PLAN_RULES: readonly Rule[] = [
  planRule('program-length', ({ bodies }) => tooLong(bodies)),
  ...ringPlanRules(planRule, {
    tilings: ({ bodies }) => bodies,
    sharedBytes: allShared,
    registers: ringRegisters,
  }),
];

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const RING_RULES: readonly Rule[] = [...PARAMETER_RULES, ...PLAN_RULES];
