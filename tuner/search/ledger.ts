import type { Outcome } from '../outcome.js';

/** What a search has handed out and been told. */
export class Ledger<C> {
  readonly #left: Set<C>;
  readonly #underWay = new Set<C>();
  readonly #times = new Map<C, number>();

  constructor(candidates: readonly C[]) {
    this.#left = new Set(candidates);
  }

  /** Candidates that were neither handed out nor told of, in the terrain's order. */
  get left(): readonly C[] {
    return [...this.#left];
  }

  /** Handed out, and not yet told of. */
  get underWay(): readonly C[] {
    return [...this.#underWay];
  }

  /** Microseconds of all that was told of, infinite where it failed. */
  get times(): ReadonlyMap<C, number> {
    return this.#times;
  }

  isLeft(candidate: C): boolean {
    return this.#left.has(candidate);
  }

  handOut(candidate: C | undefined): C | undefined {
    if (candidate !== undefined && this.#left.delete(candidate)) this.#underWay.add(candidate);
    return candidate;
  }

  /** @returns the candidate's time, infinite if it failed */
  enter(candidate: C, outcome: Outcome): number {
    const time = outcome.kind === 'ok' ? outcome.measurement.median : Number.POSITIVE_INFINITY;
    this.#left.delete(candidate);
    this.#underWay.delete(candidate);
    this.#times.set(candidate, time);
    return time;
  }
}
