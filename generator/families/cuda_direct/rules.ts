import { groups } from '../../group.js';
import { outputSize, type Problem } from '../../problem.js';
import { multiplyAdds } from '../../program.js';
import type { Target } from '../../target.js';
import type { Params, Rule } from '../family.js';
import { MAX_MULTIPLY_ADDS, straightLineRule } from '../limits.js';
import { type DirectParams, direct, directPlan, WARP } from './plan.js';

/** What makes a schedule legal; the rule that needs the whole plan comes last. */
export const DIRECT_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nhwc'
      ? undefined
      : `cuda_direct computes fprop in f32 and NHWC, not ${op} in ${dtype} and ${layout}`,
  ),
  straightLineRule,
  // A lane is a load of 4, 8 or 16 bytes.
  rule('vector', (_, { vector }) =>
    [1, 2, 4].includes(vector) ? undefined : `${vector} channels a lane are none of 1, 2 and 4`,
  ),
  // A lane holds channels of one direction only, and starts at a multiple of its own size.
  rule('vector-group', (problem, { vector }) =>
    problem.channels % vector === 0 && groups(problem).every(({ from }) => from % vector === 0)
      ? undefined
      : `groups of channels do not start at multiples of ${vector}`,
  ),
  // Accumulators, weights and an input live in registers; beyond 255 they would be spilled.
  rule('registers', (problem, { length, vector }) => {
    const needed = (length + problem.kernel + 2) * vector;
    return length >= 1 && needed <= 230
      ? undefined
      : `${length} outputs and ${problem.kernel} weights of ${vector} channels do not fit into 255 registers`;
  }),
  // A tile that is longer than every side only computes what it throws away.
  rule('tile-length', (problem, { length }) => {
    const { height, width } = outputSize(problem);
    return length <= Math.max(height, width)
      ? undefined
      : `no line of ${length} outputs fits into ${height}x${width}`;
  }),
  rule('block', (_, { along, across, tiles, resident }) => {
    const threads = WARP * along * across;
    return along >= 1 &&
      across >= 1 &&
      tiles >= 1 &&
      resident >= 1 &&
      threads <= 1024 &&
      threads * resident <= 2048
      ? undefined
      : `${resident} blocks of ${threads} threads are more than a multiprocessor's 2048, or a block's 1024`;
  }),
  rule('switches', (_, { stream }) => (stream === 0 || stream === 1 ? undefined : 'switches are 0 or 1')),
  {
    id: 'program-length',
    broken: (problem, _, params) => {
      const longest = Math.max(
        ...directPlan(problem, direct(params)).bodies.map(({ program }) => multiplyAdds(program)),
      );
      return longest <= MAX_MULTIPLY_ADDS
        ? undefined
        : `a body of ${longest} multiply-adds is longer than the ${MAX_MULTIPLY_ADDS} that are compiled as straight-line code`;
    },
  },
];

function rule(id: string, broken: (problem: Problem, params: DirectParams) => string | undefined): Rule {
  return {
    id,
    broken: (problem: Problem, target: Target, params: Params) =>
      target.kind === 'cuda'
        ? broken(problem, direct(params))
        : `cuda_direct is a family of CUDA kernels, not of ${target.kind}`,
  };
}
