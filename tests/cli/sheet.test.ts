import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Picture } from '../../cli/image.js';
import { contactSheet } from '../../cli/sheet.js';
import { tapSet } from '../../generator/taps.js';

const plain = (width: number, height: number, rgb: readonly number[]): Picture => ({
  kind: 'picture',
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]!),
});

const sheetOf = async (pictures: readonly Picture[]) => {
  const tiles = pictures.map((picture, i) => ({ picture, label: `<${i}°&`, taps: tapSet(7, 45) }));
  const png = await contactSheet('K < 7 & more', tiles);
  return sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
};

test('tiles lie in rows, in order, under a title', async () => {
  const colours = [
    [250, 0, 0],
    [0, 250, 0],
    [0, 0, 250],
    [250, 250, 0],
    [0, 250, 250],
  ];
  const { data, info } = await sheetOf(colours.map((rgb) => plain(40, 30, rgb)));
  expect([info.width, info.height]).toEqual([16 + 3 * 416, 56 + 2 * (300 + 40 + 16)]);
  const middles = [0, 1, 2, 3, 4].map((i) => {
    const x = 16 + (i % 3) * 416 + 200;
    const y = 56 + Math.floor(i / 3) * 356 + 150;
    return [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  });
  expect(middles).toEqual(colours);
});

test('words and taps are drawn: dark pixels in the title, the caption and the corner', async () => {
  const { data, info } = await sheetOf([plain(40, 40, [255, 255, 255])]);
  const darkIn = (left: number, top: number, width: number, height: number) => {
    let dark = 0;
    for (let y = top; y < top + height; y++)
      for (let x = left; x < left + width; x++) if (data[(y * info.width + x) * 3]! < 100) dark++;
    return dark;
  };
  expect(darkIn(316, 64, 92, 92)).toBeGreaterThan(20); // the taps
  expect(darkIn(16, 160, 400, 280)).toBe(0); // the picture
  expect(darkIn(0, 0, 432, 56)).toBeGreaterThan(20); // the title
  expect(darkIn(0, 456, 432, 40)).toBeGreaterThan(20); // the caption
});

test('a picture that is much higher than wide stays whole within its tile', async () => {
  const { data, info } = await sheetOf([plain(100, 3000, [9, 9, 9])]);
  expect([info.width, info.height]).toEqual([432, 56 + 800 + 56]);
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  for (const y of [60, 456, 850])
    expect([at(20, y), at(216, y)]).toEqual([
      [238, 241, 244],
      [9, 9, 9],
    ]);
});
