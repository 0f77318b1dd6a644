import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { decodeImage } from '../../../runtime/image/decode.js';
import { loadImage } from '../../../runtime/image/load_image.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const SIDE = 32;
const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/images/${name}`, import.meta.url));

/** What PIL makes of it: see tests/fixtures/images/make.py. */
async function expected(name: string): Promise<Uint8Array> {
  return sharp(fixture(`expected_${name.split('.')[0]}.png`))
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** Of two images, the largest difference of a byte. */
function difference(one: Uint8Array, other: Uint8Array): number {
  expect(one.length).toBe(other.length);
  return one.reduce((most, byte, i) => Math.max(most, Math.abs(byte - other[i]!)), 0);
}

describe('an image is what PIL makes of it', () => {
  it.each([
    'wide.png',
    'tall.png',
    'small.png',
    'line.png',
    'grey.png',
    'palette.png',
    'translucent.png',
    'web.webp',
  ])('%s, to the bit', async (name) => {
    expect(difference(await decodeImage(fixture(name), { side: SIDE }), await expected(name))).toBe(0);
  });

  // Decoders of JPEG may differ by a level or two.
  it.each(['large.jpg', 'cmyk.jpg', 'turned.jpg'])('%s, as far as decoders agree', async (name) => {
    const made = await decodeImage(fixture(name), { side: SIDE });
    expect(difference(made, await expected(name))).toBeLessThanOrEqual(2);
  });
});

it('takes bytes for a file', async () => {
  const bytes = readFileSync(fixture('wide.png'));
  expect(difference(await decodeImage(bytes, { side: SIDE }), await expected('wide.png'))).toBe(0);
});

it('turns an image upright if asked to, and not otherwise', async () => {
  const stored = await decodeImage(fixture('turned.jpg'), { side: SIDE });
  const upright = await decodeImage(fixture('turned.jpg'), { side: SIDE, upright: true });
  const turned = await sharp(stored, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .rotate(90)
    .raw()
    .toBuffer();
  expect(difference(upright, stored)).toBeGreaterThan(50);
  expect(difference(upright, turned)).toBeLessThanOrEqual(8); // what is clipped between the passes differs
});

it('of sixteen bits a channel it takes the upper eight', async () => {
  const path = join(temporaryFolder(), 'deep.png');
  const wide = await sharp(fixture('wide.png')).toColourspace('rgb16').png().toBuffer();
  expect((await sharp(wide).metadata()).depth).toBe('ushort');
  writeFileSync(path, wide);
  expect(difference(await decodeImage(path, { side: SIDE }), await expected('wide.png'))).toBeLessThanOrEqual(
    1,
  );
});

test.each([
  ['is no image', Buffer.from('hello'), /cannot be read as a picture: .*unsupported image format/],
  ['is empty', Buffer.alloc(0), /cannot be read as a picture/],
  [
    'has no more than a signature',
    readFileSync(fixture('wide.png')).subarray(0, 8),
    /cannot be read as a picture: .*corrupt header(?:: .+)?; give/,
  ],
  ['is cut off', readFileSync(fixture('large.jpg')).subarray(0, 3000), /cannot be read as a picture/],
])('refuses what %s', async (_, bytes, reason) => {
  await expect(decodeImage(bytes, { side: SIDE })).rejects.toMatchObject({
    code: 'image-unreadable',
    fault: 'user',
    message: expect.stringMatching(reason),
  });
});

test('of an image of too many pixels it says how many it has, and how many it may have', async () => {
  const { width, height } = await sharp(fixture('wide.png')).metadata();
  const pixels = width * height;
  for (const source of [fixture('wide.png'), readFileSync(fixture('wide.png'))])
    await expect(decodeImage(source, { side: SIDE, mostPixels: pixels - 1 })).rejects.toMatchObject({
      code: 'image-pixels',
      fault: 'user',
      rule: `is of ${width}x${height}, ${pixels} pixels, and no more than ${pixels - 1} are read`,
    });
  await decodeImage(fixture('wide.png'), { side: SIDE, mostPixels: pixels });
});

it('at no time blocks what other threads read meanwhile', async () => {
  vi.resetModules();
  const block = vi.spyOn(sharp, 'block');
  onTestFinished(() => void block.mockRestore());
  const fresh = await import('../../../runtime/image/decode.js');
  await fresh.decodeImage(fixture('wide.png'), { side: SIDE });
  const blocked = block.mock.calls.map(([given]) => given);
  expect(blocked).not.toEqual([]);
  for (const each of blocked) {
    sharp.block(each);
    for (const name of ['wide.png', 'cmyk.jpg', 'web.webp']) await sharp(fixture(name)).metadata();
  }
});

it('of a file that was replaced it takes the new picture', async () => {
  const grey = (light: number) => ({ r: light, g: light, b: light });
  for (const format of ['png', 'jpeg', 'webp', 'gif', 'tiff'] as const) {
    const path = join(temporaryFolder(), `picture.${format}`);
    const made: number[] = [];
    for (const light of [10, 200]) {
      const background = grey(light);
      await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background } })
        .toFormat(format)
        .toFile(path);
      made.push((await decodeImage(path, { side: SIDE }))[0]!);
    }
    expect([format, ...made]).toEqual([format, expect.closeTo(10, -1), expect.closeTo(200, -1)]);
  }
});

it('reads no drawings, no folders, and no sides that cannot be', async () => {
  const drawings = [
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    'P2 1 1 255 0',
    '%PDF-1.7',
  ];
  for (const drawing of drawings)
    await expect(decodeImage(Buffer.from(drawing), { side: SIDE })).rejects.toThrow(
      /cannot be read as a picture/,
    );
  await expect(decodeImage(temporaryFolder(), { side: SIDE })).rejects.toThrow(/is no regular file/);
  for (const side of [0, 1.5, Number.NaN, 1e6])
    for (const load of [decodeImage, loadImage])
      await expect(load(fixture('wide.png'), { side })).rejects.toMatchObject({ code: 'image-side' });
});

it('names a file that is not there', async () => {
  await expect(decodeImage('/none.png', { side: SIDE })).rejects.toThrow(/^'\/none\.png': cannot be read/);
});
