import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { readNpy } from '../../cli/npy.js';
import { VARIANTS } from '../../runtime/convnext/architecture.js';
import { loadImage } from '../../runtime/image/load_image.js';
import { topClasses } from '../../runtime/tasks/top_classes.js';
import { cli } from '../support/cli.js';
import { imageFixture, npyFile, placeImages } from '../support/image_files.js';
import { largestError, smallExpected } from '../support/small_networks.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES } from '../support/weights.js';

const weights = (variant = '1dpp') => join(FIXTURES, `small_${variant}.pth`);

test.each(VARIANTS)('%s has the logits that PyTorch has', async (variant) => {
  const folder = temporaryFolder();
  const expected = await smallExpected(variant);
  const input = npyFile(folder, 'x.npy', [2, 3, 64, 96], await expected('input'));
  const y = join(folder, 'y.npy');
  const run = await cli(
    'classify',
    '--input',
    input,
    '--weights',
    weights(variant),
    '--logits',
    y,
    '--json',
    '--top',
    '3',
  );
  expect(run.exit).toBe(0);
  const logits = await readNpy(y);
  expect(logits.shape).toEqual([2, 10]);
  expect(largestError(logits.data, await expected('logits'))).toBeLessThan(1e-4);
  expect(JSON.parse(run.stdout)).toMatchObject({
    ...{ variant, size: null, classes: 10, logits: y, products: 'fp32', gelu: 'exact' },
    target: expect.stringMatching(/^cpu:/),
    images: [0, 1].map((image) => ({
      image,
      top: topClasses(logits.data.subarray(10 * image, 10 * image + 10), 3),
    })),
  });
});

it('takes image files as it takes their numbers, upright, in batches', async () => {
  const folder = temporaryFolder();
  const files = ['wide.png', 'turned.jpg', 'tall.png'].map(imageFixture);
  const planes = await Promise.all(files.map((file) => loadImage(file, { side: 32, upright: true })));
  const whole = Float32Array.from(planes.flatMap((one) => [...one]));
  const input = npyFile(folder, 'x.npy', [3, 3, 32, 32], whole);
  const [a, b] = [join(folder, 'a.npy'), join(folder, 'b.npy')];
  const common = ['--weights', weights(), '--variant', '1dpp'];
  const run = await cli('classify', ...files, ...common, '--side', '32', '--batch', '2', '--logits', a);
  expect((await cli('classify', '--input', input, ...common, '--logits', b)).exit).toBe(0);
  expect(largestError((await readNpy(a)).data, (await readNpy(b)).data)).toBeLessThan(1e-5);
  expect(run.exit).toBe(0);
  for (const file of files) expect(run.stdout).toContain(file);
  expect(run.stdout).toMatch(/ran 1dpp of widths 12, 20, 36, 52, 10 classes, on cpu:/);
});

it('names classes as a file of labels does', async () => {
  const labels = join(temporaryFolder(), 'labels.txt');
  writeFileSync(labels, `${Array.from({ length: 10 }, (_, i) => `sort ${i}`).join('\r\n')}\r\n`);
  const line = [
    'classify',
    imageFixture('wide.png'),
    '--weights',
    weights('2d'),
    '--side',
    '32',
    '--labels',
    labels,
  ];
  const { images } = JSON.parse((await cli(...line, '--json')).stdout);
  expect(images[0].top).toHaveLength(5);
  for (const one of images[0].top) expect(one.label).toBe(`sort ${one.class}`);
  expect((await cli(...line, '--top', '1')).stdout).toMatch(
    new RegExp(`wide\\.png +sort ${images[0].top[0].class} \\(${images[0].top[0].class}\\) +[\\d.]+ %\n`),
  );
});

describe('of several images, those that cannot be read', () => {
  const line = ['--weights', weights('2d'), '--side', '32'];
  const broken = () => {
    const folder = temporaryFolder();
    placeImages(folder, { 'a.png': null, 'wide.png': 'wide.png', 'tall.png': 'tall.png' });
    return ['a.png', 'wide.png', 'none.png', 'tall.png'].map((name) => join(folder, name));
  };

  it('are named one a line and left out, and the others classified as without them', async () => {
    const files = broken();
    const [a, wide, none, tall] = files as [string, string, string, string];
    const [y, alone] = [join(a, '..', 'y.npy'), join(a, '..', 'alone.npy')];
    const run = await cli('classify', ...files, ...line, '--logits', y, '--json');
    const sound = await cli('classify', wide, tall, ...line, '--logits', alone, '--json');
    expect(run.exit).toBe(0);
    expect(run.stderr.match(/^left out: .*$/gm)).toEqual([
      expect.stringMatching(`^left out: '${a}': cannot be read as a picture: .*; give a JPEG, `),
      `left out: '${none}': cannot be read: no such file or directory; name the file of an image`,
    ]);
    const document = JSON.parse(run.stdout);
    expect(document.failures).toEqual([
      { image: a, rule: expect.stringMatching(/^cannot be read as a picture: /) },
      { image: none, rule: 'cannot be read: no such file or directory' },
    ]);
    const expected = JSON.parse(sound.stdout);
    expect(document.images).toEqual(expected.images);
    expect(expected).toMatchObject({ failures: [], images: [{ image: wide }, { image: tall }] });
    expect((await readNpy(y)).data).toEqual((await readNpy(alone)).data);
  });

  it('end it where there are no others, with 2 and no output', async () => {
    const [a, , none] = broken() as [string, string, string];
    const y = join(a, '..', 'y.npy');
    const { exit, stdout, stderr } = await cli('classify', a, none, ...line, '--logits', y);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr.match(/^left out: /gm)).toHaveLength(2);
    expect(stderr).toMatch(
      new RegExp(`\noriented1d: '${a}': none of 2 images can be read, of which this is the first; [^\n]*\n$`),
    );
    expect(existsSync(y)).toBe(false);
    const one = await cli('classify', a, ...line);
    expect(one).toMatchObject({ exit: 2, stdout: '' });
    expect(one.stderr.match(new RegExp(a, 'g'))).toHaveLength(1);
    expect(one.stderr).toMatch(
      new RegExp(`^oriented1d: '${a}': cannot be read as a picture: .*; .*\n$`, 'm'),
    );
  });
});
