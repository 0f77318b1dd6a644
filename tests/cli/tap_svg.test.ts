import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { tapSvg, tapThumbnail } from '../../cli/tap_svg.js';
import { tapSet } from '../../generator/taps.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';

const texts = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)</g)].map((match) => match[1]);

test('shows the title, and the count of every pixel that weights fold on', () => {
  const svg = tapSvg(tapSet(15, 45), 45);
  expect(texts(svg)).toEqual(['K = 15 at 45°: 9 pixels', '2', '2', '3', '2', '2', 'dx →, dy ↓']);
});

test('every tap is a square inside the grid, drawn once', () => {
  fc.assert(
    fc.property(anyKernel, anyAngle, (kernel, angle) => {
      const set = tapSet(kernel, angle);
      const squares = [
        ...tapSvg(set, angle).matchAll(/<rect x="([\d.]+)" y="([\d.]+)" [^>]* stroke="#ffffff"/g),
      ];
      expect(new Set(squares.map(([, x, y]) => `${x},${y}`)).size).toBe(set.taps.length);
      expect(squares).toHaveLength(set.taps.length);
    }),
  );
});

test('the picture of a row: the taps lie side by side, left to right', async () => {
  const { data, info } = await sharp(Buffer.from(tapSvg(tapSet(3, 0), 0)))
    .flatten({ background: '#ffffff' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  // 5 x 3 cells of 24, in the middle of 260; the row of taps is the second. Near a cell's corner, off the line.
  const left = (260 - 5 * 24) / 2;
  const filled = [0, 1, 2, 3, 4].map((column) => {
    const at = ((36 + 20 + 24 + 20) * info.width + left + column * 24 + 5) * info.channels;
    return data[at]! < 200;
  });
  expect(filled).toEqual([false, true, true, true, false]);
});

test('thumbnails of one kernel have one scale at every angle', () => {
  const views = [0, 22.5, 45, 90].map(
    (angle) => /viewBox="[^"]*"/.exec(tapThumbnail(tapSet(31, angle), 0, 0, 90))![0],
  );
  expect(new Set(views)).toEqual(new Set(['viewBox="0 0 33 33"']));
});
