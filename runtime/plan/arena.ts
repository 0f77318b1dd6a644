import { type Lifetime, liveTogether } from './lifetimes.js';
import { ARENA_ALIGNMENT, type Arena } from './plan.js';
import type { PlanBuffer } from './step.js';

/** A buffer that has its place. */
interface Placed extends Lifetime {
  readonly begin: number;
  readonly end: number;
}

/**
 * Places buffers so that no two overlap that are live together: the largest first, and of equals the one that is written last,
 * since outputs are kept to the end and leave the others more room when they lie lowest; each in the smallest gap between those it
 * must keep clear of, or behind them. Not always the least memory, but where large buffers are few it is close.
 */
export function planArena(lives: readonly Lifetime[]): Arena {
  const placed: Placed[] = [];
  for (const life of lives.toSorted((a, b) => b.buffer.elements - a.buffer.elements || b.first - a.first)) {
    const begin = bestFit(
      aligned(life.buffer.elements),
      placed.filter((other) => liveTogether(life, other)),
    );
    placed.push({ ...life, begin, end: begin + aligned(life.buffer.elements) });
  }
  const offsets = new Map<PlanBuffer, number>(placed.map(({ buffer, begin }) => [buffer, begin]));
  return Object.freeze({ elements: placed.reduce((most, { end }) => Math.max(most, end), 0), offsets });
}

/** Most elements that are live during one step: no arena is smaller. */
export function peakElements(lives: readonly Lifetime[]): number {
  return lives.reduce((most, { first }) => {
    const live = lives.filter((life) => life.first <= first && first <= life.last);
    return Math.max(
      most,
      live.reduce((sum, { buffer }) => sum + buffer.elements, 0),
    );
  }, 0);
}

/** Where the smallest gap begins that holds so many elements; the end of what is taken, if none does. */
function bestFit(elements: number, taken: readonly Placed[]): number {
  let best = { begin: 0, room: Number.POSITIVE_INFINITY };
  let end = 0;
  for (const other of taken.toSorted((a, b) => a.begin - b.begin)) {
    const room = other.begin - end;
    if (room >= elements && room < best.room) best = { begin: end, room };
    end = Math.max(end, other.end);
  }
  return best.room === Number.POSITIVE_INFINITY ? end : best.begin;
}

function aligned(elements: number): number {
  return Math.ceil(elements / ARENA_ALIGNMENT) * ARENA_ALIGNMENT;
}
