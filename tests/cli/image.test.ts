import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { mirrored, type Picture, readPicture } from '../../cli/image.js';
import { baboonFile } from '../support/baboon.js';
import { temporaryFolder } from '../support/temporary_folder.js';

test('reads a photograph at its full size', async () => {
  const { width, height, pixels } = await readPicture(baboonFile(temporaryFolder()), 1e6);
  expect([width, height, pixels.length]).toEqual([128, 128, 128 * 128 * 3]);
  const [red, green, blue] = [0, 1, 2].map((c) => pixels[(60 * 128 + 64) * 3 + c]!);
  expect(red).toBeGreaterThan(Math.max(green!, blue!)); // the nose
});

test('scales a larger picture down to the limit, and keeps its shape', async () => {
  const file = join(temporaryFolder(), 'wide.png');
  await sharp({ create: { width: 400, height: 100, channels: 3, background: '#102030' } }).toFile(file);
  const { width, height } = await readPicture(file, 10_000);
  expect([width, height]).toEqual([200, 50]);
});

test('shows grey as three channels, and white where a picture is transparent', async () => {
  const folder = temporaryFolder();
  const blank = { width: 2, height: 1, channels: 4, background: '#00000000' } as const;
  await sharp({ create: blank }).toFile(join(folder, 'clear.png'));
  expect([...(await readPicture(join(folder, 'clear.png'), 100)).pixels]).toEqual([
    255, 255, 255, 255, 255, 255,
  ]);
  const grey = sharp(Buffer.from([7, 9]), { raw: { width: 2, height: 1, channels: 1 } });
  await grey.toColourspace('b-w').png().toFile(join(folder, 'grey.png'));
  expect([...(await readPicture(join(folder, 'grey.png'), 100)).pixels]).toEqual([7, 7, 7, 9, 9, 9]);
});

test('turns a picture that was taken on its side', async () => {
  const file = join(temporaryFolder(), 'side.jpg');
  const create = { width: 8, height: 16, channels: 3, background: '#888888' } as const;
  await sharp({ create }).withMetadata({ orientation: 6 }).jpeg().toFile(file);
  expect(await readPicture(file, 1000)).toMatchObject({ width: 16, height: 8 });
});

test('a margin mirrors the picture', async () => {
  const row = [1, 2, 3].flatMap((v) => [v, v, v]);
  const picture: Picture = { kind: 'picture', width: 3, height: 1, pixels: Uint8Array.from(row) };
  const { width, height, pixels } = await mirrored(picture, 2);
  expect([width, height]).toEqual([7, 5]);
  const reds = Array.from({ length: 7 }, (_, x) => pixels[(2 * 7 + x) * 3]);
  expect(reds).toEqual([2, 1, 1, 2, 3, 3, 2]);
  expect(await mirrored(picture, 0)).toBe(picture);
});
