import { PAPER_ANGLES } from '../../generator/problem.js';

/** A direction as a row of the table calls it, and what it is. */
export interface TableAngle {
  /** `22.5°`, or with the published script's number `22.5 rad`. */
  readonly label: string;
  /** Degrees. */
  readonly angle: number;
}

/** The numbers of the published script: 66.75 stands where 67.5 is meant, and it passes them where radians are expected. */
export const PUBLISHED_NUMBERS: readonly number[] = Object.freeze([
  0, 22.5, 45, 66.75, 90, 112.5, 135, 157.5,
]);

/** The paper's eight directions, in degrees. */
export const TRUE_ANGLES: readonly TableAngle[] = Object.freeze(
  PAPER_ANGLES.map((angle) => Object.freeze({ label: `${angle}°`, angle })),
);

/**
 * The directions that the published script measured: its numbers as radians, in degrees from 0 to 360 and to a hundredth,
 * which has the same taps at K = 7 and 31.
 */
export const PUBLISHED_ANGLES: readonly TableAngle[] = Object.freeze(
  PUBLISHED_NUMBERS.map((radians) => {
    const degrees = ((radians * 180) / Math.PI) % 360;
    return Object.freeze({ label: `${radians} rad`, angle: Number(degrees.toFixed(2)) });
  }),
);

/** What the table's page and docs say of {@link PUBLISHED_ANGLES}. */
export const AS_PUBLISHED_NOTE = [
  "The published script gives its layers 0, 22.5, 45, 66.75, 90, 112.5, 135 and 157.5 where the layer's code expects radians,",
  'and 66.75 where 67.5 is meant. What it measured are therefore these numbers as radians, which are other directions:',
  `${PUBLISHED_ANGLES.map(({ angle }) => `${angle}°`).join(', ')}.`,
  'With --as-published this table measures exactly those; without it, the eight directions of the paper in degrees.',
].join(' ');
