import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { readNpy } from '../../cli/npy.js';
import { VARIANTS } from '../../runtime/convnext/architecture.js';
import { loadImage } from '../../runtime/image/load_image.js';
import { topClasses } from '../../runtime/tasks/top_classes.js';
import { cli } from '../support/cli.js';
import { imageFixture, npyFile } from '../support/image_files.js';
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
