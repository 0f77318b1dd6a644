import type { Candidate } from '../candidate.js';
import type { Build } from './rig.js';

/** What flows into a line. */
export interface Feed {
  /**
   * Up to `count` candidates that are to be built; none when there is no more time for it.
   * @param lasted milliseconds that the latest such step took; undefined for what is wanted in any case
   */
  claim(count: number, lasted: number | undefined): readonly Candidate[];
  build(candidates: readonly Candidate[]): Promise<readonly Build[]>;
}

/** Builds candidates one after the other as they are asked for. What it has begun is done when it ends. */
export type Line = (feed: Feed) => AsyncGenerator<Build, void>;

/** Builds `size` at a time and nothing while they are tried, since compilers would disturb what is timed. */
export function inRounds(size: number): Line {
  return async function* ({ claim, build }) {
    let lasted: number | undefined;
    for (;;) {
      const begun = performance.now();
      const round = claim(size, lasted);
      if (round.length === 0) return;
      yield* await build(round);
      lasted = performance.now() - begun;
    }
  };
}

/** How a build ended. */
type End = { readonly builds: readonly Build[]; readonly lasted: number } | { readonly error: unknown };

/** Keeps `width` candidates built or under way while others are tried: for devices that compilers do not disturb. */
export function ahead(width: number): Line {
  return async function* (feed) {
    const underWay = new Map<number, Promise<readonly [number, End]>>();
    let begun = 0;
    let lasted: number | undefined;
    const fill = () => {
      while (underWay.size < width) {
        const claimed = feed.claim(1, lasted);
        if (claimed.length === 0) return;
        const number = begun++;
        underWay.set(
          number,
          ending(feed, claimed).then((end) => [number, end]),
        );
      }
    };
    try {
      for (fill(); underWay.size > 0; ) {
        const [number, end] = await Promise.race(underWay.values());
        underWay.delete(number);
        if ('error' in end) throw end.error;
        lasted = end.lasted;
        fill();
        yield* end.builds;
      }
    } finally {
      await Promise.all(underWay.values());
    }
  };
}

/** Never rejects: a build may end while nobody waits for it. */
async function ending({ build }: Feed, claimed: readonly Candidate[]): Promise<End> {
  const begun = performance.now();
  try {
    const builds = await build(claimed);
    return { builds, lasted: performance.now() - begun };
  } catch (error) {
    return { error };
  }
}
