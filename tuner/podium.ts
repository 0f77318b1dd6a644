import { compare, gap, TIE } from './measure/paired.js';
import { median } from './measure/stats.js';
import { compareResources, type Resources } from './resources.js';

/** A kernel that was in a final. */
export interface Finisher {
  readonly kernel: string;
  readonly isDefault: boolean;
  readonly resources: Resources;
  /** Of the final's rounds, from the first on; fewer where it was beaten. */
  readonly samples: readonly number[];
}

/**
 * Who won a final, and who comes next. The winner is known to be faster than the default, or it is the default. Of those
 * that are, the one with the shortest time wins, unless others are as good: not told apart from it, and within a tie's
 * width of it. Then it is the one that takes the least of the machine, and the first by name of those, whatever order they
 * come in. All others follow by their time.
 * @param control the samples of all rounds
 * @returns the same finishers, best first
 */
export function podium<F extends Finisher>(
  finishers: readonly F[],
  control: readonly number[],
): readonly F[] {
  const times = new Map(finishers.map((one) => [one, gap(one.samples, control)]));
  const byTime = finishers.toSorted((a, b) => times.get(a)! - times.get(b)! || byName(a, b));
  const winner = winnerOf(byTime, control.length);
  return [...(winner ? [winner] : []), ...byTime.filter((one) => one !== winner)];
}

function winnerOf<F extends Finisher>(byTime: readonly F[], rounds: number): F | undefined {
  const fallback = byTime.find(({ isDefault }) => isDefault);
  const contenders = byTime.filter(
    (one) => one.samples.length === rounds && (!fallback || isFaster(one, fallback)),
  );
  const [fastest] = contenders;
  if (!fastest) return fallback;
  const tied = contenders.filter((one) => one === fastest || isTied(one, fastest));
  return tied.toSorted((a, b) => compareResources(a.resources, b.resources) || byName(a, b))[0];
}

/** In its own median as well, which is what is published of it. */
function isFaster(one: Finisher, fallback: Finisher): boolean {
  return (
    compare(one.samples, fallback.samples) === 'faster' && median(one.samples) <= median(fallback.samples)
  );
}

function isTied(one: Finisher, fastest: Finisher): boolean {
  const order = compare(one.samples, fastest.samples);
  return order !== 'slower' && Math.abs(gap(one.samples, fastest.samples)) <= TIE;
}

function byName(a: Finisher, b: Finisher): number {
  if (a.kernel === b.kernel) return 0;
  return a.kernel < b.kernel ? -1 : 1;
}
