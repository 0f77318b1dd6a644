import type { Outcome } from '../outcome.js';

/**
 * An order in which candidates are tried. The tuner asks for the next one, tries it, and tells how it went; a search
 * that learns takes its next step from what it was told. Several candidates may be under way at once, so outcomes
 * come in any order, and a candidate that another tuner has in hand may never be told.
 */
export interface Search<C> {
  readonly name: string;
  /** A candidate that was not handed out before; undefined when there is none left. */
  next(): C | undefined;
  /** How a candidate went, also one that this search did not hand out. */
  tell(candidate: C, outcome: Outcome): void;
}
