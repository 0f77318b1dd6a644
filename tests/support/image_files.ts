import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeNpy } from '../../cli/npy.js';

/** An image of tests/fixtures/images. */
export function imageFixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/images/${name}`, import.meta.url));
}

/** Copies of images, at paths below a folder: `{ 'a/1.png': 'wide.png' }`; null for a file that is no image. */
export function placeImages(folder: string, files: Readonly<Record<string, string | null>>): void {
  for (const [path, name] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    if (name === null) writeFileSync(join(folder, path), 'hello');
    else copyFileSync(imageFixture(name), join(folder, path));
  }
}

/** A .npy file. @returns its path */
export function npyFile(folder: string, name: string, shape: readonly number[], data?: Float32Array): string {
  const path = join(folder, name);
  const length = shape.reduce((product, size) => product * size, 1);
  writeFileSync(path, encodeNpy(shape, data ?? new Float32Array(length)));
  return path;
}
