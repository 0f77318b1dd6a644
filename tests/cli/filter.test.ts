import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { PAPER_ANGLES } from '../../generator/problem.js';
import { baboonFile } from '../support/baboon.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

test("makes a contact sheet of a photograph at the paper's angles", async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'sheet.png');
  const run = await cli('filter', baboonFile(folder), '--kernel', '15', '--out', out, '--json');
  expect(run).toMatchObject({ exit: 0, stderr: '' });
  expect(JSON.parse(run.stdout)).toMatchObject({
    out,
    width: 128,
    height: 128,
    kernel: 15,
    angles: PAPER_ANGLES,
  });
  const { format, width, height } = await sharp(readFileSync(out)).metadata();
  expect({ format, width, height }).toEqual({ format: 'png', width: 1264, height: 1424 });
});

test('the sheet shows the picture as it is, then smoother along each angle', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'sheet.png');
  const run = await cli('filter', baboonFile(folder), '--kernel', '31', '--angles', '0,90', '--out', out);
  expect(run.stdout).toMatch(
    `wrote ${out}: a picture of 128 x 128 pixels at 0, 90°\nran the general kernel on cpu:`,
  );
  // Differences between neighbours, left to right and top to bottom, inside each of the three tiles.
  const tiles = await Promise.all(
    [
      [16, 56],
      [432, 56],
      [16, 512],
    ].map(([left, top]) => roughness(out, left!, top!)),
  );
  const [original, level, upright] = tiles as [Roughness, Roughness, Roughness];
  expect(level.across).toBeLessThan(original.across / 3);
  expect(upright.down).toBeLessThan(original.down / 3);
  expect(level.across).toBeLessThan(level.down);
  expect(upright.down).toBeLessThan(upright.across);
});

interface Roughness {
  readonly across: number;
  readonly down: number;
}

async function roughness(file: string, left: number, top: number): Promise<Roughness> {
  // Below the corner with the taps, and one pixel of the photograph for each of its own.
  const { data, info } = await sharp(file)
    .extract({ left, top: top + 120, width: 400, height: 280 })
    .resize(128, 90, { fit: 'fill' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => data[(y * info.width + x) * info.channels]!;
  let [across, down] = [0, 0];
  for (let y = 1; y < info.height; y++)
    for (let x = 1; x < info.width; x++) {
      across += Math.abs(at(x, y) - at(x - 1, y));
      down += Math.abs(at(x, y) - at(x, y - 1));
    }
  return { across, down };
}
