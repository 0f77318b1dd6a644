import { outputSize, type Problem } from '../../problem.js';
import { latticeSize, multiplyAdds } from '../../program.js';
import { bandOrigins } from '../../slab.js';
import type { CpuTarget, Target } from '../../target.js';
import type { Params } from '../family.js';
import { sheared, shearedPlan } from './plan.js';

/**
 * Vector operations of one image, roughly: multiply-adds (those that are thrown away too), loads and stores, staging,
 * and what plain stores and unfetched inputs were measured to cost on top.
 */
export function shearedCost(problem: Problem, target: Target, params: Params): number {
  const plan = shearedPlan(problem, sheared(params));
  const { prefetch, stream } = plan.params;
  const bands = Math.ceil(outputSize(problem).height / plan.bandRows);
  const registers = (target as CpuTarget).registers;
  return plan.blocks.reduce((sum, { body, depth, lanes }) => {
    const { program, slab } = body;
    const tiles = latticeSize(bandOrigins(program, plan.bandRows)) * latticeSize(program.origins.x);
    const { length } = plan.params;
    // Weights that find no register are read from memory at each use.
    const live = Math.min(length, program.taps.taps.length) + length + 1;
    const reloads = live > registers ? 0.15 * multiplyAdds(program) : 0;
    const tile = multiplyAdds(program) + program.loads.length + 3 * length + reloads + 8;
    const staging = slab.rows * slab.pitch * (prefetch ? 3 : 9);
    const stores =
      problem.layout === 'nhwc' ? program.output.height * program.output.width * (stream ? 4 : 8) : 0;
    // Narrow blocks use a part of each memory line that they fetch; neighbouring lines come cheaper than single ones.
    const lines = Math.max(1, 16 / (lanes * depth)) * (0.5 + 0.5 / depth);
    return sum + depth * (bands * (tiles * tile + staging * lines) + stores);
  }, 0);
}
