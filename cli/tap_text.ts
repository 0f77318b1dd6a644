import type { TapSet } from '../generator/taps.js';
import type { Ui } from './ui.js';

/** Drawings wider than this do not fit a terminal. */
const WIDEST = 63;

/**
 * The taps as a drawing in characters: a square for a pixel that one weight falls on, the count for one that several
 * fold on, a dot for a pixel that is not read. Undefined where a terminal is too narrow for it.
 */
export function drawTaps({ taps }: TapSet, { paint }: Ui): string | undefined {
  const { top, left, height, width } = tapBounds(taps);
  if (Math.max(height, width) > WIDEST) return undefined;
  const cells = Array.from({ length: height }, () => Array<string>(width).fill(paint.dim('·')));
  for (const { dy, dx, weights } of taps) {
    const mark = weights.length === 1 ? '■' : String(weights.length);
    cells[dy - top]![dx - left] = dy === 0 && dx === 0 ? paint.red(mark) : paint.cyan(mark);
  }
  return cells.map((row) => `  ${row.join(' ')}`).join('\n');
}

/** What a drawing of taps is called: `K = 15 at 45°`, `K = 7x7`. @param degrees the direction of a line */
export function tapTitle({ kernel }: TapSet, degrees: number | undefined): string {
  if (degrees !== undefined) return `K = ${kernel} at ${degrees}°`;
  const side = Math.sqrt(kernel);
  return `K = ${side}x${side}`;
}

/** The smallest box around the taps; the centre (0, 0) is always one of them. */
export function tapBounds(taps: TapSet['taps']): {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
} {
  const dys = taps.map(({ dy }) => dy);
  const dxs = taps.map(({ dx }) => dx);
  const top = Math.min(...dys);
  const left = Math.min(...dxs);
  return { top, left, height: Math.max(...dys) - top + 1, width: Math.max(...dxs) - left + 1 };
}
