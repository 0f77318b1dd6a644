import { memoize, memoizeEach } from './memo.js';
import { type TapSet, tapSetKey } from './taps.js';

export interface Point {
  readonly y: number;
  readonly x: number;
}

/**
 * The outputs that one thread owns, so that their inputs overlap as much as they can. Output i lies at `outputs[i]`,
 * relative to the tile's origin.
 *
 * A line of outputs runs along the kernel's own digital line: steep ones advance one output a row, shallow ones one a
 * column; the other coordinate is the shear. A rectangle is for square filters: 4x7 outputs of a 7x7 one read 130 inputs,
 * where lines of 28 read 238. A straight tile is a piece of a row or a column, whatever the kernel's line: it reads more, but
 * no tile sticks out across lines, and where it is all of a row, what lies beside that is known to be zero.
 */
export interface Tile {
  readonly kind: 'tile';
  readonly form: 'line' | 'rectangle' | 'straight';
  /** The axis along which outputs of a line or a straight tile advance by one, and along which a rectangle is at least as long. */
  readonly major: 'y' | 'x';
  readonly outputs: readonly Point[];
  /** Pixels from a tile to the next, on either axis. */
  readonly step: Point;
}

/** The axis that a line at 45 degrees advances along, which has as many rows as columns. */
export type Diagonal = Tile['major'];

interface Slope {
  readonly rise: number;
  readonly run: number;
}

/** The axis that the line of a tap set advances along. */
export function majorOf(taps: TapSet, diagonal: Diagonal = 'x'): Tile['major'] {
  return lineTile(taps, 1, diagonal).major;
}

const lineKey = (taps: TapSet, length: number, diagonal: Diagonal = 'x') =>
  `${tapSetKey(taps)}/${length}${diagonal}`;

/**
 * The sheared tile of a tap set that needs the fewest loads. The slope is chosen among exact fractions by counting,
 * because a slope that is off by a rounding error doubles the loads at 45 degrees.
 *
 * @param length outputs a tile, at least 1
 */
export const lineTile = memoize(lineKey, (taps: TapSet, length: number, diagonal: Diagonal = 'x'): Tile => {
  const height = extent(taps.taps.map((tap) => tap.dy));
  const width = extent(taps.taps.map((tap) => tap.dx));
  const major = height === width ? diagonal : height > width ? 'y' : 'x';
  const best = slopes(Math.max(height, width))
    .map((slope) => shear(major, slope, length))
    .map((outputs) => ({ outputs, loads: minkowski(taps, outputs) }))
    .reduce((least, next) => (next.loads < least.loads ? next : least));
  const step = Object.freeze(major === 'y' ? { y: length, x: 1 } : { y: 1, x: length });
  return Object.freeze({ kind: 'tile', form: 'line', major, outputs: Object.freeze(best.outputs), step });
});

/**
 * The same where tiles of all lines lie side by side: of two whose shear is rounded down and up, that which lies on fewer
 * lines, if it needs no more loads. At K = 31 and 67.5 degrees tiles of 14 of 28 columns have 32, as many as a warp has lanes, in place of 33.
 */
export const narrowTile = memoize(lineKey, (taps: TapSet, length: number, diagonal: Diagonal = 'x'): Tile => {
  const down = lineTile(taps, length, diagonal);
  const minor = down.major === 'y' ? 'x' : 'y';
  const image = lineTile(mirrored(taps, minor), length, diagonal).outputs;
  const outputs = Object.freeze(image.map((point) => Object.freeze({ ...point, [minor]: 0 - point[minor] })));
  const lines = (points: readonly Point[]) => extent(points.map((point) => point[minor]));
  const fewer =
    lines(outputs) < lines(down.outputs) && minkowski(taps, outputs) <= minkowski(taps, down.outputs);
  return fewer ? Object.freeze({ ...down, outputs }) : down;
});

function mirrored({ taps, ...set }: TapSet, axis: 'y' | 'x'): TapSet {
  const name = axis === 'y' ? 'dy' : 'dx';
  return { ...set, taps: taps.map((tap) => ({ ...tap, [name]: 0 - tap[name] })) };
}

/** The tile of a tap set that needs the fewest loads: a rectangle of `length` outputs if the taps fill one, else a line. */
export function bestTile(taps: TapSet, length: number, diagonal: Diagonal = 'x'): Tile {
  return bestTiles(taps)(length, diagonal);
}

const bestTiles = memoizeEach((taps: TapSet) =>
  memoize(
    (length: number, diagonal: Diagonal) => `${length}${diagonal}`,
    (length: number, diagonal: Diagonal) =>
      isRectangular(taps) ? rectangle(taps, length) : lineTile(taps, length, diagonal),
  ),
);

/** Whether the taps are all pixels of some rows and columns, two of each at least. Those of a line never are. */
export function isRectangular({ taps }: TapSet): boolean {
  const height = extent(taps.map((tap) => tap.dy)) + 1;
  const width = extent(taps.map((tap) => tap.dx)) + 1;
  return height > 1 && width > 1 && taps.length === height * width;
}

/** The rows and columns of so many outputs that read the fewest inputs; more columns than rows where that is equal. */
function rectangle(taps: TapSet, length: number): Tile {
  const height = extent(taps.taps.map((tap) => tap.dy));
  const width = extent(taps.taps.map((tap) => tap.dx));
  const loads = (rows: number) => (rows + height) * (length / rows + width);
  const fitting = Array.from({ length }, (_, i) => i + 1).filter((rows) => length % rows === 0);
  const best = fitting.reduce((least, rows) => (loads(rows) < loads(least) ? rows : least));
  return rectangleTile(best, length / best);
}

/** A tile of whole rows and columns. */
export function rectangleTile(rows: number, columns: number): Tile {
  const outputs = Array.from({ length: rows * columns }, (_, i) =>
    Object.freeze({ y: Math.floor(i / columns), x: i % columns }),
  );
  return Object.freeze({
    kind: 'tile',
    form: 'rectangle',
    major: rows > columns ? 'y' : 'x',
    outputs: Object.freeze(outputs),
    step: Object.freeze({ y: rows, x: columns }),
  });
}

/** So many pixels of a column, or of a row. */
export function straightTile(major: Tile['major'], length: number): Tile {
  const { outputs, step } = major === 'y' ? rectangleTile(length, 1) : rectangleTile(1, length);
  return Object.freeze({ kind: 'tile', form: 'straight', major, outputs, step });
}

/** A tile, or how many outputs the best one of a tap set has. */
export type TileChoice = Tile | number;

/** The tile that was chosen for a tap set. */
export function chosenTile(taps: TapSet, choice: TileChoice, diagonal?: Diagonal): Tile {
  return typeof choice === 'number' ? bestTile(taps, choice, diagonal) : choice;
}

export function tileKey(choice: TileChoice): string {
  return typeof choice === 'number'
    ? `${choice}`
    : `${choice.form} ${choice.step.y}x${choice.step.x}${choice.major}`;
}

/** Whether tiles follow one another on an axis. Across lines they start wherever some output is inside, one a pixel. */
export function isTiled({ form, major }: Tile, axis: 'y' | 'x'): boolean {
  return form === 'rectangle' || axis === major;
}

/** Distinct inputs that the outputs read: the size of the Minkowski sum of taps and outputs, at stride 1. */
function minkowski(taps: TapSet, outputs: readonly Point[]): number {
  const seen = new Set<number>();
  for (const { y, x } of outputs) for (const { dy, dx } of taps.taps) seen.add((y + dy) * 65536 + (x + dx));
  return seen.size;
}

/** Fractions from -1 to 1, flattest first so that ties keep the straighter line. */
function slopes(span: number): readonly Slope[] {
  const denominators = Math.min(Math.max(span, 1), 16);
  const found = new Map<number, Slope>();
  for (let run = 1; run <= denominators; run++)
    for (let rise = -run; rise <= run; rise++)
      if (!found.has(rise / run)) found.set(rise / run, { rise, run });
  return [...found.entries()].sort(([a], [b]) => Math.abs(a) - Math.abs(b)).map(([, slope]) => slope);
}

function shear(major: Tile['major'], { rise, run }: Slope, length: number): Point[] {
  return Array.from({ length }, (_, i) => {
    const minor = Math.floor((i * rise) / run) + 0;
    return Object.freeze(major === 'y' ? { y: i, x: minor } : { y: minor, x: i });
  });
}

function extent(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
