/** What a phase's warps share: so many tasks, each of which takes so long. */
export interface Share {
  readonly tasks: number;
  readonly time: number;
}

/** Phases one after the other, and the warps of each phase: `order` has numbers of phases, `warps` is by phase. */
export interface Arrangement {
  readonly order: readonly number[];
  readonly warps: readonly number[];
}

/** Phases as they come: one warp each at least, and the others where they make the slowest faster. */
export function arrangeEvenly(shares: readonly Share[], warps: number): Arrangement {
  const counts = shares.map(() => 1);
  const time = (phase: number) => slowestTime(shares[phase]!, counts[phase]!);
  for (let left = warps - shares.length; left > 0; left--) {
    const slowest = shares.reduce((most, _, phase) => (time(phase) > time(most) ? phase : most), 0);
    counts[slowest]!++;
  }
  return { order: shares.map((_, phase) => phase), warps: counts };
}

/** Of the slowest of so many warps that share a phase: the first. */
export function slowestTime(share: Share, warps: number): number {
  return warpTime(share, 0, warps);
}

/**
 * Phases in an order, and with as many warps each, by which schedulers that each take the next so many warps are done at about the same
 * time: the best of what exchanges of two phases, and a warp that changes its phase, lead to one after the other.
 *
 * @param schedulers into which the warps divide evenly
 */
export function arrange(shares: readonly Share[], start: Arrangement, schedulers: number): Arrangement {
  const timed = (arrangement: Arrangement) => ({
    arrangement,
    times: timesOf(shares, arrangement, schedulers),
  });
  let best = timed(start);
  for (;;) {
    let next = best;
    for (const one of neighbours(best.arrangement)) {
      const other = timed(one);
      if (isBefore(other.times, next.times)) next = other;
    }
    if (next === best) return best.arrangement;
    best = next;
  }
}

/** Of the busiest scheduler, and of the busiest warp. */
export function timesOf(
  shares: readonly Share[],
  { order, warps }: Arrangement,
  schedulers: number,
): readonly [number, number] {
  const times = order.flatMap((phase) =>
    Array.from({ length: warps[phase]! }, (_, warp) => warpTime(shares[phase]!, warp, warps[phase]!)),
  );
  const each = times.length / schedulers;
  const sums = Array.from({ length: schedulers }, (_, i) =>
    times.slice(i * each, (i + 1) * each).reduce((sum, time) => sum + time, 0),
  );
  return [Math.max(...sums), Math.max(...times)];
}

/** Tasks are dealt out in turn. */
function warpTime({ tasks, time }: Share, warp: number, warps: number): number {
  return Math.ceil((tasks - warp) / warps) * time;
}

function isBefore([busiest, slowest]: readonly [number, number], than: readonly [number, number]): boolean {
  return busiest < than[0] || (busiest === than[0] && slowest < than[1]);
}

/** Arrangements that differ by an exchange of two phases, by a warp's phase, or by one of each. */
function* neighbours({ order, warps }: Arrangement): Iterable<Arrangement> {
  for (const otherWarps of [warps, ...moves(warps)])
    for (const otherOrder of [order, ...exchanges(order)]) yield { order: otherOrder, warps: otherWarps };
}

function exchanges(order: readonly number[]): readonly (readonly number[])[] {
  return order.flatMap((_, i) =>
    Array.from({ length: i }, (_, j) => order.with(i, order[j]!).with(j, order[i]!)),
  );
}

function moves(warps: readonly number[]): readonly (readonly number[])[] {
  return warps.flatMap((count, from) =>
    count === 1
      ? []
      : warps.flatMap((more, to) => (to === from ? [] : [warps.with(from, count - 1).with(to, more + 1)])),
  );
}
