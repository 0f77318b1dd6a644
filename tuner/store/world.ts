import { type Claimant, isAlive, thisProcess } from '../../generator/claimant.js';

/** What claims need to know of the world; tests bring their own. */
export interface World {
  readonly self: Claimant;
  /** Milliseconds since 1970. */
  now(): number;
  alive(claimant: Claimant): boolean;
}

export function realWorld(): World {
  return { self: thisProcess(), now: Date.now, alive: isAlive };
}
