import { memoizeEach, memoizeLast } from '../memo.js';
import type { Problem } from '../problem.js';
import type { CudaTarget, Target } from '../target.js';
import type { Params, Rule } from './family.js';
import {
  type Multiprocessor,
  multiprocessor,
  registersAThread,
  registersOfWarps,
  WARP,
} from './multiprocessor.js';

/** What a rule of a CUDA family may know of the GPU. */
type Machine = CudaTarget & Multiprocessor;

const machineOf = memoizeEach((target: CudaTarget): Machine => ({ ...multiprocessor(target), ...target }));

/** Makes a family's rule; families that share parameters share rules by taking one another's. */
export type MakeRule<Typed> = (
  id: string,
  broken: (problem: Problem, params: Typed, machine: Machine) => string | undefined,
) => Rule;

/** Makes a family's rule that needs the plan; it comes after those that say that there is one. */
export type MakePlanRule<Plan> = (
  id: string,
  broken: (plan: Plan, machine: Machine) => string | undefined,
) => Rule;

/** Makes the rules of a CUDA family, which see its parameters typed, or its plan. */
interface RuleMaker<Typed, Plan> {
  /** A rule that looks at the problem, the parameters and the GPU. */
  readonly rule: MakeRule<Typed>;
  readonly planRule: MakePlanRule<Plan>;
}

/** Every rule refuses a target of another kind first. */
export function cudaRules<Typed, Plan>(
  family: string,
  typed: (params: Params) => Typed,
  planOf: (problem: Problem, params: Typed) => Plan,
): RuleMaker<Typed, Plan> {
  const rule: MakeRule<Typed> = (id, broken) => ({
    id,
    broken: (problem: Problem, target: Target, params: Params) =>
      target.kind === 'cuda'
        ? broken(problem, typed(params), machineOf(target))
        : `${family} is a family of CUDA kernels, not of ${target.kind}`,
  });
  // One rule after the other asks for the same plan.
  const lastPlan = memoizeLast(planOf);
  return {
    rule,
    planRule: (id, broken) =>
      rule(id, (problem, params, machine) => broken(lastPlan(problem, params), machine)),
  };
}

/** Weights of a line, which all threads of a block have in common, that need not lie in a thread's registers. */
export function uniformWeights(
  { filter }: Problem,
  taps: number,
  { uniformRegisters }: Multiprocessor,
): number {
  return filter === 'line' ? Math.min(taps, uniformRegisters) : 0;
}

/**
 * Registers that a thread has for its sums and weights. Those of square filters come close to what there is, so that it counts
 * that each part of a multiprocessor has whole warps.
 */
export function registersThere({ filter }: Problem, threads: number, resident: number): number {
  return filter === 'line'
    ? registersAThread(threads, resident)
    : registersOfWarps((threads / WARP) * resident);
}
