import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { readNpy } from '../../cli/npy.js';
import { Scoring } from '../../runtime/tasks/score.js';
import { cli } from '../support/cli.js';
import { imageFixture, placeImages } from '../support/image_files.js';
import { lockedFolders } from '../support/locked_folders.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES } from '../support/weights.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('../support/locked_folders.js')).withLocks(await original()),
);
afterEach(() => lockedFolders.clear());

const WEIGHTS = join(FIXTURES, 'small_1d.pth');
/** By the numbers of their classes. */
const SHOWN = [
  ['0', 'wide.png'],
  ['3', 'tall.png'],
  ['3', 'grey.png'],
  ['7', 'cmyk.jpg'],
  ['9', 'web.webp'],
] as const;

function folderOfTen(): string {
  const folder = join(temporaryFolder(), 'val');
  for (let label = 0; label < 10; label++) mkdirSync(join(folder, String(label)), { recursive: true });
  placeImages(folder, Object.fromEntries(SHOWN.map(([label, name]) => [`${label}/${name}`, name])));
  return folder;
}

/** What classify makes of the same images, scored. */
async function expected(folder: string) {
  const y = join(folder, '..', 'y.npy');
  const files = SHOWN.map(([, name]) => imageFixture(name));
  await cli('classify', ...files, '--weights', WEIGHTS, '--side', '32', '--logits', y);
  const { data } = await readNpy(y);
  const scoring = new Scoring();
  for (const [i, [label]] of SHOWN.entries()) scoring.add(data.subarray(10 * i, 10 * i + 10), Number(label));
  return scoring.score();
}

it('scores a folder of images, whatever the batch, and leaves out what cannot be read', async () => {
  const folder = folderOfTen();
  placeImages(folder, { '5/broken.png': null, '5/also.jpg': null });
  const { images, top1, top5, loss } = await expected(folder);
  const line = ['eval', folder, '--weights', WEIGHTS, '--side', '32', '--decoders', '2', '--json'];
  for (const batch of ['2', '64']) {
    const run = await cli(...line, '--batch', batch);
    expect(run.exit).toBe(0);
    const document = JSON.parse(run.stdout);
    expect(document).toMatchObject({ variant: '1d', classes: 10, folder, images, failed: 2, top1, top5 });
    expect(document).toMatchObject({ products: 'fp32', gelu: 'exact' });
    expect(document.loss).toBeCloseTo(loss, 5);
    expect(document.imagesPerSecond).toBeCloseTo(images / document.seconds, 6);
    expect(document.failures.map(({ image }: { image: string }) => image).sort()).toEqual([
      join(folder, '5', 'also.jpg'),
      join(folder, '5', 'broken.png'),
    ]);
  }
});

it('shows a table, and names at most twenty images that cannot be read', async () => {
  const folder = folderOfTen();
  placeImages(folder, Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`8/${i}.png`, null])));
  const run = await cli(
    'eval',
    folder,
    '--weights',
    WEIGHTS,
    '--side',
    '32',
    '--batch',
    '4',
    '--decoders',
    '1',
  );
  expect(run.exit).toBe(0);
  expect(run.stdout).toMatch(
    /^acc@1 +acc@5 +loss +images +left out +images\/s\n[\d.]+ % +[\d.]+ % +[\d.]+ +5 +23 /,
  );
  expect(run.stdout.match(/^ {2}\/.*\.png$/gm)).toHaveLength(20);
  expect(run.stdout).toMatch(/\n {2}and 3 more, see --json\nran 1d of widths/);
  expect(run.stderr).toMatch(/^classes 10\/10 9$/m);
});

it('names folders that cannot be read, and ends where nothing is left', async () => {
  const folder = folderOfTen();
  const line = ['eval', folder, '--weights', WEIGHTS, '--side', '32', '--batch', '4', '--decoders', '1'];
  for (const one of [join(folder, '3'), join(folder, '5')]) lockedFolders.add(one);
  const run = await cli(...line);
  expect(run.exit).toBe(0);
  expect(run.stdout).toMatch(/\n[\d.]+ % +[\d.]+ % +[\d.]+ +3 +2 /);
  expect(run.stdout).toContain(
    `\nleft out, since they cannot be read:\n  ${join(folder, '3')}\n  ${join(folder, '5')}\nran `,
  );
  const document = JSON.parse((await cli(...line, '--json')).stdout);
  expect(document).toMatchObject({ images: 3, failed: 2 });
  expect(document.failures[0]).toEqual({
    image: join(folder, '3'),
    rule: 'cannot be read as a folder: permission denied',
  });
  for (let label = 0; label < 10; label++) lockedFolders.add(join(folder, String(label)));
  const none = await cli(...line);
  expect(none).toMatchObject({ exit: 2, stdout: '' });
  expect(none.stderr).toMatch(/val': holds images and folders of which none can be read, 10 in all; /);
});

it('takes labels from names in a file, of which some have no folder', async () => {
  const folder = temporaryFolder();
  placeImages(folder, { 'val/cat/1.png': 'wide.png', 'val/ant/2.png': 'tall.png' });
  const names = ['a', 'b', 'cat', 'd', 'e', 'f', 'g', 'h', 'i', 'ant'];
  writeFileSync(join(folder, 'names.txt'), names.join('\n'));
  const run = await cli(
    ...['eval', join(folder, 'val'), '--labels', join(folder, 'names.txt')],
    ...['--weights', WEIGHTS, '--side', '32', '--batch', '2', '--decoders', '1', '--json'],
  );
  expect(JSON.parse(run.stdout)).toMatchObject({ images: 2, failed: 0, failures: [] });
});
