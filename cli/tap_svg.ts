import type { TapSet } from '../generator/taps.js';
import { tapBounds, tapTitle } from './tap_text.js';

/** Side of one pixel's square, and the room around the grid, in SVG units. */
const CELL = 24;
const MARGIN = 36;
const TITLE = 40;

const INK = '#1f2933';
const GRID = '#d3dae1';
/** One weight, two, three and more: darker as more fold on a pixel. */
const FILLS = ['#9ecae9', '#4292c6', '#08519c'] as const;

/**
 * The tap grid as an SVG document: dx to the right, dy down, as in the image. A pixel that several weights fold on is
 * darker and holds their count; the centre is outlined; the thin line is the direction itself, of a line.
 */
export function tapSvg(set: TapSet, degrees: number | undefined): string {
  const { top, left, height, width } = tapBounds(set.taps);
  // One empty ring, so that a row of taps still shows the grid that it lies in.
  const box = { top: top - 1, left: left - 1, height: height + 2, width: width + 2 };
  const w = Math.max(box.width * CELL + 2 * MARGIN, 260);
  const h = box.height * CELL + 2 * MARGIN + TITLE;
  const x0 = (w - box.width * CELL) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" font-family="sans-serif">`,
    `<rect width="${w}" height="${h}" fill="#ffffff"/>`,
    `<text x="${w / 2}" y="36" text-anchor="middle" font-size="18" fill="${INK}">${tapTitle(set, degrees)}: ${pixelCount(set)}</text>`,
    `<g transform="translate(${x0} ${MARGIN + TITLE / 2})">`,
    gridLines(box.width, box.height),
    ...squares(set, box.top, box.left),
    ...(degrees === undefined ? [] : [direction(set.kernel, degrees, box)]),
    ...marks(set, box.top, box.left),
    '</g>',
    `<text x="${w / 2}" y="${h - 14}" text-anchor="middle" font-size="12" fill="${INK}">dx →, dy ↓</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * The taps alone, small, for a corner of a picture: an SVG element at (x, y), `side` wide and high. All directions of
 * a kernel come out at the same scale.
 */
export function tapThumbnail({ kernel, taps }: TapSet, x: number, y: number, side: number): string {
  const reach = Math.floor(kernel / 2) + 1;
  const cells = 2 * reach + 1;
  const pixels = taps.map(({ dy, dx }) => `M${dx + reach} ${dy + reach}h1v1h-1z`);
  return [
    `<svg x="${x}" y="${y}" width="${side}" height="${side}" viewBox="0 0 ${cells} ${cells}">`,
    `<rect width="${cells}" height="${cells}" rx="${cells / 12}" fill="#ffffff" opacity="0.85"/>`,
    `<path d="${pixels.join('')}" fill="${INK}"/></svg>`,
  ].join('');
}

function squares({ taps }: TapSet, top: number, left: number): readonly string[] {
  return taps.map(({ dy, dx, weights }) => {
    const fill = FILLS[Math.min(weights.length, FILLS.length) - 1]!;
    return `<rect ${square(dy - top, dx - left)} fill="${fill}" stroke="#ffffff"/>`;
  });
}

/** What lies over the squares and the line: the centre's outline, and the counts. */
function marks({ taps }: TapSet, top: number, left: number): readonly string[] {
  const counts = taps
    .filter(({ weights }) => weights.length > 1)
    .map(({ dy, dx, weights }) => {
      const at = `x="${(dx - left + 0.5) * CELL}" y="${(dy - top + 0.5) * CELL + 5}"`;
      const look = `text-anchor="middle" font-size="14" font-weight="bold" fill="#ffffff"`;
      return `<text ${at} ${look}>${weights.length}</text>`;
    });
  return [`<rect ${square(-top, -left)} fill="none" stroke="#d9480f" stroke-width="3"/>`, ...counts];
}

function square(row: number, column: number): string {
  return `x="${column * CELL}" y="${row * CELL}" width="${CELL}" height="${CELL}"`;
}

/** `13 pixels`. */
export function pixelCount({ taps }: TapSet): string {
  return taps.length === 1 ? '1 pixel' : `${taps.length} pixels`;
}

function gridLines(columns: number, rows: number): string {
  const vertical = Array.from({ length: columns + 1 }, (_, i) => `M${i * CELL} 0V${rows * CELL}`);
  const horizontal = Array.from({ length: rows + 1 }, (_, i) => `M0 ${i * CELL}H${columns * CELL}`);
  return `<path d="${[...vertical, ...horizontal].join('')}" stroke="${GRID}" fill="none"/>`;
}

function direction(kernel: number, degrees: number, { top, left }: { top: number; left: number }): string {
  const theta = (degrees * Math.PI) / 180;
  const reach = Math.floor(kernel / 2) * CELL;
  const cx = (0.5 - left) * CELL;
  const cy = (0.5 - top) * CELL;
  const [dx, dy] = [Math.cos(theta) * reach, -Math.sin(theta) * reach].map((v) => Number(v.toFixed(2)));
  return `<path d="M${cx - dx!} ${cy - dy!}L${cx + dx!} ${cy + dy!}" stroke="${INK}" stroke-width="1.5" opacity="0.55"/>`;
}
