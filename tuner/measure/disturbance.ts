import type { Clocks } from '../../runtime/cuda/clocks.js';
import { median, relativeSpread } from './stats.js';

/** Rounds that a control is held against. Half of them later, a change that stays has become what is usual. */
const WINDOW = 15;
/** What is usual is not known from fewer. */
const LEAST = 5;
/** How far off what is usual a control is disturbed: in scaled deviations, and as a part of its time. */
const DEVIATIONS = 5;
const PART = 0.03;

/**
 * Whether a round was disturbed, as by another process or by a clock that was turned down: its control took another time
 * than it does usually. A clock that jumps and stays is taken for usual after a few rounds, and rounds go on.
 * @param before the controls of the rounds before, disturbed ones too
 */
export function isDisturbed(control: number, before: readonly number[]): boolean {
  const recent = before.slice(-WINDOW);
  if (recent.length < LEAST) return false;
  const usual = median(recent);
  return Math.abs(control - usual) > usual * Math.max(PART, DEVIATIONS * relativeSpread(recent));
}

/** How far below the usual a clock is turned down: at its power limit it moves by less from one moment to the next. */
const TURNED_DOWN = 0.08;

/**
 * Whether a GPU was slowed down in a round for a reason of its own: its cooling or its supply, or a clock that was turned
 * down. Its power limit alone is no such reason, since a large GPU meets it in its usual work, and does so for all kernels.
 * @param now at the end of the round; undefined where the driver does not tell
 * @param before of the rounds before, disturbed ones too
 */
export function isSlowed(now: Clocks | undefined, before: readonly Clocks[]): boolean {
  if (!now) return false;
  if (now.throttled.some((reason) => reason !== 'power-cap')) return true;
  const recent = before.slice(-WINDOW);
  if (recent.length < LEAST) return false;
  return now.smMHz < (1 - TURNED_DOWN) * median(recent.map(({ smMHz }) => smMHz));
}
