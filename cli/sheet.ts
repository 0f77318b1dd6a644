import sharp from 'sharp';
import type { TapSet } from '../generator/taps.js';
import { type Picture, sharpOf } from './image.js';
import { tapThumbnail } from './tap_svg.js';

/** One picture of a contact sheet, and what is written under it. */
export interface SheetTile {
  readonly picture: Picture;
  readonly label: string;
  /** Drawn small in the corner. */
  readonly taps?: TapSet;
}

/** Sizes in pixels. Every tile is as wide, whatever the picture, and at most twice as high. */
const TILE = 400;
const GAP = 16;
const CAPTION = 40;
const TITLE = 56;
const THUMBNAIL = 92;
/** Beside a picture that is much wider or higher than its tile. */
const MATTE = '#eef1f4';

/** A contact sheet as a PNG: a title, then the tiles, as many columns as rows. */
export async function contactSheet(title: string, tiles: readonly SheetTile[]): Promise<Uint8Array> {
  const { width, height } = tiles[0]!.picture;
  const tile = { width: TILE, height: Math.round(TILE * Math.min(Math.max(height / width, 1 / 3), 2)) };
  const columns = Math.ceil(Math.sqrt(tiles.length));
  const rows = Math.ceil(tiles.length / columns);
  const sheet = {
    width: GAP + columns * (TILE + GAP),
    height: TITLE + rows * (tile.height + CAPTION + GAP),
  };
  const places = tiles.map((_, i) => ({
    left: GAP + (i % columns) * (TILE + GAP),
    top: TITLE + Math.floor(i / columns) * (tile.height + CAPTION + GAP),
  }));
  const pictures = await Promise.all(
    tiles.map(async ({ picture }, i) => ({
      input: await sharpOf(picture)
        .resize({ ...tile, fit: 'contain', background: MATTE })
        .png()
        .toBuffer(),
      ...places[i]!,
    })),
  );
  const words = tiles.map((one, i) => caption(one, places[i]!, tile.height));
  const overlay = svg(sheet, [`<text x="${GAP}" y="37" font-size="22">${escapeXml(title)}</text>`, ...words]);
  return await sharp({ create: { ...sheet, channels: 3, background: '#ffffff' } })
    .composite([...pictures, { input: Buffer.from(overlay), left: 0, top: 0 }])
    .png()
    .toBuffer();
}

function caption(
  { label, taps }: SheetTile,
  { left, top }: { left: number; top: number },
  height: number,
): string {
  const text = `<text x="${left}" y="${top + height + 27}" font-size="20" font-weight="bold">${escapeXml(label)}</text>`;
  if (!taps) return text;
  const corner = { x: left + TILE - THUMBNAIL - 8, y: top + 8 };
  return `${text}${tapThumbnail(taps, corner.x, corner.y, THUMBNAIL)}`;
}

function svg({ width, height }: { width: number; height: number }, parts: readonly string[]): string {
  const size = `width="${width}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" fill="#1f2933">${parts.join('')}</svg>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
