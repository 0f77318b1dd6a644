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
