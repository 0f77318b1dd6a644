import type { Problem } from '../../problem.js';
import { latticeSize, multiplyAdds } from '../../program.js';
import type { Target } from '../../target.js';
import type { Family, Params } from '../family.js';
import { emitDirect } from './emit.js';
import { direct, directPlan } from './plan.js';
import { DIRECT_RULES } from './rules.js';

/**
 * fprop on a GPU in NHWC, without shared memory: lanes are channels, so that every direction's loads and stores are whole
 * lines; what tiles share comes out of the first-level cache.
 */
export const cudaDirect: Family = {
  id: 'cuda_direct',
  target: 'cuda',
  template: 'cuda/direct.cu.hbs',
  letters: { length: 't', vector: 'v', along: 'a', across: 'b', tiles: 'n', resident: 'm', stream: 's' },
  rules: DIRECT_RULES,
  axes: () => ({
    length: [14, 7, 28, 8, 4],
    vector: [2, 1, 4],
    along: [1, 2, 4],
    across: [8, 4, 2],
    tiles: [1, 2, 4],
    resident: [2, 4, 1],
    stream: [0, 1],
  }),
  cost,
  emit: (problem, _, params, symbol) => emitDirect(directPlan(problem, direct(params)), symbol),
};

/** Instructions of one image's lanes, roughly: loads weigh more than multiply-adds, and few warps hide less of them. */
function cost(problem: Problem, _target: Target, params: Params): number {
  const plan = directPlan(problem, direct(params));
  const { vector, along, across, resident } = plan.params;
  const hidden = Math.min(1, (resident * along * across) / 16);
  return plan.chunks.reduce((sum, { body }) => {
    const { program } = body;
    const tiles = latticeSize(program.origins.y) * latticeSize(program.origins.x);
    return sum + tiles * (multiplyAdds(program) * vector + (program.loads.length * (3 + vector)) / hidden);
  }, 0);
}
