import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, test, vi } from 'vitest';
import { ImageError } from '../../../runtime/image/errors.js';
import { type ImageFolder, openImageFolder } from '../../../runtime/tasks/image_folder.js';
import { lockedFolders } from '../../support/locked_folders.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('../../support/locked_folders.js')).withLocks(await original()),
);
afterEach(() => lockedFolders.clear());

function filled(...files: readonly string[]): string {
  const folder = temporaryFolder();
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    if (!file.endsWith('/')) writeFileSync(join(folder, file), '');
    else mkdirSync(join(folder, file));
  }
  return folder;
}

/** `label path` of each image, sorted. */
async function listed(folder: ImageFolder, onClass?: (name: string) => void): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const image of folder.images(onClass))
    if (image instanceof ImageError) lines.push(image.message.replace(folder.path, ''));
    else lines.push(`${image.label} ${image.path.slice(folder.path.length + 1)}`);
  return lines.sort();
}

it('gives an error in the place of a folder that cannot be read, and what the others hold', async () => {
  const path = filled('a/1.png', 'b/2.png', 'b/deep/3.png', 'b/deep/er/4.png', 'c/5.png');
  for (const one of [join(path, 'a'), join(path, 'b', 'deep', 'er')]) lockedFolders.add(one);
  const told: string[] = [];
  expect(await listed(await openImageFolder(path), (name) => told.push(name))).toEqual([
    "'/a': cannot be read as a folder: permission denied; name a folder that holds one folder of images for each class",
    "'/b/deep/er': cannot be read as a folder: permission denied; name a folder that holds one folder of images for each class",
    '1 b/2.png',
    '1 b/deep/3.png',
    '2 c/5.png',
  ]);
  expect(told).toEqual(['a', 'b', 'c']);
});

it('labels images by the sorted names of their folders, as Python sorts them', async () => {
  // By UTF-16, which JavaScript sorts by, the emoji would come before the full-width letter.
  const folder = await openImageFolder(filled('b/1.png', 'B/2.jpg', 'Ａ/3.png', '😀/4.png', 'a/5.png'));
  expect(folder.classes).toEqual(['B', 'a', 'b', 'Ａ', '😀']);
  expect(await listed(folder)).toEqual(['0 B/2.jpg', '1 a/5.png', '2 b/1.png', '3 Ａ/3.png', '4 😀/4.png']);
});

it('takes what ends as images do, also from folders below, and nothing else', async () => {
  const path = filled('top.png', 'a/1.JPEG', 'a/notes.txt', 'a/deep/er/2.webp', 'a/3.svg', 'empty/');
  const told: string[] = [];
  const folder = await openImageFolder(path);
  expect(await listed(folder, (name) => told.push(name))).toEqual(['0 a/1.JPEG', '0 a/deep/er/2.webp']);
  expect(told).toEqual(['a', 'empty']);
});

it('follows links to folders, but not around in a circle', async () => {
  const path = filled('a/1.png', 'a/deep/2.png');
  const elsewhere = filled('3.png');
  symlinkSync(elsewhere, join(path, 'b'));
  symlinkSync(join(path, 'a'), join(path, 'a', 'deep', 'again'));
  symlinkSync(join(path, 'gone'), join(path, 'b', '4.png'));
  symlinkSync(path, join(path, 'a', 'all')); // which would count every class again as this one
  expect(await listed(await openImageFolder(path))).toEqual([
    '0 a/1.png',
    '0 a/deep/2.png',
    '1 b/3.png',
    '1 b/4.png',
  ]);
});

it('takes labels from a list of names, of which some may have no folder', async () => {
  const folder = await openImageFolder(filled('cat/1.png', 'ant/2.png'), ['dog', 'cat', 'ant']);
  expect(folder.folders).toEqual(['ant', 'cat']);
  expect(await listed(folder)).toEqual(['1 cat/1.png', '2 ant/2.png']);
});

it('reads names as they are taken', async () => {
  const path = filled(...Array.from({ length: 200 }, (_, i) => `a/${i}.png`));
  const images = (await openImageFolder(path)).images();
  expect((await images.next()).done).toBe(false);
  await images.return(undefined);
  expect((await images.next()).done).toBe(true);
});

test.each([
  ['is not there', () => '/none', /'\/none': cannot be read as a folder: no such file or directory/],
  ['is a file', () => join(filled('a.png'), 'a.png'), /cannot be read as a folder: not a directory/],
  ['holds no folder', () => filled('a.png'), /holds no folders, and images are in one for each class/],
])('refuses what %s', async (_, path, reason) => {
  await expect(openImageFolder(path())).rejects.toMatchObject({
    fault: 'user',
    message: expect.stringMatching(reason),
  });
});

test('refuses a folder that none of the names is of', async () => {
  await expect(openImageFolder(filled('cat/1.png'), ['dog'])).rejects.toThrow(
    /cat': is a folder of no class: none of the 1 names is 'cat'/,
  );
});
