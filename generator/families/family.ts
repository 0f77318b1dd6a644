import type { LaunchPlan } from '../launch.js';
import type { Problem } from '../problem.js';
import type { Target } from '../target.js';

/** A schedule's parameters: whole numbers by name; switches are 0 or 1. */
export type Params = Readonly<Record<string, number>>;

/** A condition that a schedule must meet, and the physical reason for it. */
export interface Rule {
  readonly id: string;
  /** What is wrong with these parameters, or undefined if nothing is. */
  broken(problem: Problem, target: Target, params: Params): string | undefined;
}

/** A kernel's text and what a reader may want to know of it. */
export interface Emission {
  readonly text: string;
  /** Counts for the head of a published file: "multiply-adds a tile" -> "434 / 406". */
  readonly facts: Readonly<Record<string, string>>;
  /** How the kernel is launched, on targets where the kernel does not say so itself. */
  readonly launch?: LaunchPlan;
}

/**
 * A kernel family: one template and the space of its parameters. Adding one touches its template, its file here, one
 * line of the registry and one test.
 */
export interface Family {
  readonly id: string;
  readonly target: Target['kind'];
  /** Below templates/. */
  readonly template: string;
  /** The letter that each parameter has in a kernel's name, in the name's order. */
  readonly letters: Readonly<Record<string, string>>;
  /** Values that names and callers may leave out: what kernels were before the parameter existed. */
  readonly defaults?: Params;
  readonly rules: readonly Rule[];
  /** Every value worth trying of every parameter. */
  axes(problem: Problem, target: Target): Readonly<Record<string, readonly number[]>>;
  /**
   * A rough cost of legal parameters, to order candidates by; smaller is better. Families of a target share its unit: on
   * CUDA the cycles that an H100's multiprocessors are busy with the batch.
   */
  cost(problem: Problem, target: Target, params: Params): number;
  emit(problem: Problem, target: Target, params: Params, symbol: string): Emission;
}
