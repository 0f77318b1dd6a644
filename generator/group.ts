import { memoizeEach } from './memo.js';
import { encodeNumber } from './name.js';
import type { Problem } from './problem.js';
import { squareTapSet, type TapSet, tapSet, tapSetKey } from './taps.js';

/** Channels [from, to) that share one tap set. */
export interface Group {
  readonly from: number;
  readonly to: number;
  /**
   * The angle that the group was made from, in degrees; neighbours with equal taps are merged under the first. Null of
   * square filters, which have none.
   */
  readonly angle: number | null;
  readonly taps: TapSet;
}

/**
 * Directions over channels: channel ch of C has direction n = floor((N*(ch+1) - 1)/C) of N, so direction n owns the
 * channels [floor(n*C/N), floor((n+1)*C/N)). Directions that get no channel (N > C) are dropped. Square filters are one
 * group. A space asks for those of one problem thousands of times.
 */
export const groups = memoizeEach(({ filter, angles, channels, kernel }: Problem): readonly Group[] => {
  if (filter === 'square') return [{ from: 0, to: channels, angle: null, taps: squareTapSet(kernel) }];
  const merged: Group[] = [];
  angles.forEach((angle, n) => {
    const from = Math.floor((n * channels) / angles.length);
    const to = Math.floor(((n + 1) * channels) / angles.length);
    if (from === to) return;
    const taps = tapSet(kernel, angle);
    const last = merged.at(-1);
    if (last && tapSetKey(last.taps) === tapSetKey(taps)) merged[merged.length - 1] = { ...last, to };
    else merged.push({ from, to, angle, taps });
  });
  return merged;
});

/** A group as part of an identifier: `22p5`, `square`. */
export function groupId({ angle }: Pick<Group, 'angle'>): string {
  return angle === null ? 'square' : encodeNumber(angle);
}

/** A group in words: `22.5 degrees`. */
export function groupTitle({ angle }: Pick<Group, 'angle'>): string {
  return angle === null ? 'square filter' : `${angle} degrees`;
}
