import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baboonFile } from '../support/baboon.js';
import { cli } from '../support/cli.js';
import { changed } from '../support/flags.js';
import { temporaryFolder } from '../support/temporary_folder.js';

test.each([
  ['none.png --kernel 3', /'.*none\.png': cannot be read as a picture: Input file is missing.*; name a PNG/],
  [
    'text.png --kernel 3',
    /'.*text\.png': cannot be read as a picture: .*unsupported image format; name a PNG/,
  ],
  ['. --kernel 3', /cannot be read as a picture: /],
  ['baboon.png --kernel 4', /4: the kernel length K must be odd.*; use 3 or 5/],
  [
    'baboon.png --kernel 129',
    /129: the kernel is longer than the picture, 128 x 128 pixels; use a shorter kernel/,
  ],
  ['baboon.png --kernel 3 --angles 0,x', /'0,x': angles are finite numbers of degrees/],
  ['baboon.png --kernel 3 --threads none', /'none': the number of threads must be a whole number/],
  ['baboon.png --kernel 3 --out none/sheet.png', /cannot be written: no such file or directory; name a file/],
  ['baboon.png --kernel 3 --out none/sheet.jpg', /sheet\.jpg': .* written as a PNG; name it sheet\.png/],
  ['baboon.png --kernel 3 --out=', /'': --out must not be empty/],
  ['baboon.png --kernel 3 --out /dev/stdout', /'\/dev\/stdout': is the standard output/],
])('filter %s', async (line, reason) => {
  const folder = temporaryFolder();
  baboonFile(folder);
  writeFileSync(join(folder, 'text.png'), 'hello');
  const [image, ...flags] = line.replace('none/', join(folder, 'none/')).split(' ');
  const good = ['filter', join(folder, image!), '--out', join(folder, 'sheet.png')];
  const { exit, stdout, stderr } = await cli(...changed(good, flags));
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(stderr).toMatch(/^oriented1d: [^\n]*\n$/);
  expect(stderr).toMatch(reason);
  expect(readdirSync(folder).sort()).toEqual(['baboon.png', 'text.png']);
});
