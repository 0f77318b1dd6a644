import { tapSetKey } from '../../../generator/taps.js';
import type { Point } from '../../../generator/tile.js';
import type { Direction } from '../direction.js';

/** A pixel's side where there are few of them, and the width that many share, in pixels of the page. */
const SIDE = { most: 9, least: 2.5 };
const WIDTH = 190;

/**
 * A direction on its pixel grid: dark what one output reads, framed the outputs of the winner's tile, light all that the
 * tile loads. x to the right and y down, as in the image.
 */
export interface TileDrawing {
  /** Equal for equal drawings. */
  readonly key: string;
  /** The symbol's `viewBox`, in pixels of the image. */
  readonly viewBox: string;
  /** In pixels of the page. */
  readonly width: number;
  readonly height: number;
  /** What a symbol holds: SVG paths. */
  readonly paths: string;
}

export function tileDrawing({ taps, tile }: Direction): TileDrawing {
  const stride = tile?.stride ?? 1;
  const outputs = (tile?.outputs ?? [{ y: 0, x: 0 }]).map(({ y, x }) => ({ y: y * stride, x: x * stride }));
  const middle = outputs[outputs.length >> 1]!;
  const read = taps.taps.map(({ dy, dx }) => ({ y: middle.y + dy, x: middle.x + dx }));
  const loads = tile?.loads ?? [];
  const all = [...outputs, ...read, ...loads];
  const [top, left] = [Math.min(...all.map(({ y }) => y)) - 1, Math.min(...all.map(({ x }) => x)) - 1];
  const rows = Math.max(...all.map(({ y }) => y)) + 2 - top;
  const columns = Math.max(...all.map(({ x }) => x)) + 2 - left;
  const side = Math.max(SIDE.least, Math.min(SIDE.most, WIDTH / Math.max(rows, columns)));
  return Object.freeze({
    key: `${tapSetKey(taps)}/${stride}/${outputs.length}/${pixels(loads)}`,
    viewBox: `${left} ${top} ${columns} ${rows}`,
    width: Math.round(columns * side),
    height: Math.round(rows * side),
    paths: [
      `<rect class="grid" x="${left}" y="${top}" width="${columns}" height="${rows}"/>`,
      path('loads', pixels(loads)),
      path('reads', pixels(read)),
      path('outputs', tile ? outputs.map((output) => pixels([output])).join('') : ''),
    ].join(''),
  });
}

function path(name: string, d: string): string {
  return d && `<path class="${name}" d="${d}"/>`;
}

/** Neighbours along a row are one rectangle. */
function pixels(points: readonly Point[]): string {
  const sorted = points.toSorted((a, b) => a.y - b.y || a.x - b.x);
  const runs: { readonly y: number; readonly x: number; length: number }[] = [];
  for (const { y, x } of sorted) {
    const last = runs.at(-1);
    if (last && last.y === y && last.x + last.length === x) last.length++;
    else runs.push({ y, x, length: 1 });
  }
  return runs.map(({ y, x, length }) => `M${x} ${y}h${length}v1h-${length}z`).join('');
}
