import type { CudaTarget } from '../../target.js';
import type { Family } from '../family.js';
import { lineGradAxes } from './axes.js';
import { lineGradCost } from './cost.js';
import { emitLineGrad } from './emit.js';
import { lineGrad, lineGradPlan } from './plan.js';
import { LINE_GRAD_RULES } from './rules.js';

/**
 * wgrad and backward of stride 1 on a GPU in NHWC, of kernels along rows or along columns: a warp takes whole lines, one after
 * another, whose x and dy the copy engine lays in shared memory ahead of it. Sums of dw stay in registers over all images.
 */
export const cudaLineGrad: Family = {
  id: 'cuda_line_grad',
  target: 'cuda',
  template: 'cuda/line_grad.cu.hbs',
  letters: { tiles: 't', warps: 'nw', images: 'i', lag: 'l' },
  rules: LINE_GRAD_RULES,
  axes: lineGradAxes,
  cost: (problem, _, params) => lineGradCost(lineGradPlan(problem, lineGrad(params))),
  emit: (problem, target, params, symbol) =>
    emitLineGrad(lineGradPlan(problem, lineGrad(params)), target as CudaTarget, symbol),
};
