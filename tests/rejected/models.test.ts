import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.js';
import { imageFixture, npyFile, placeImages } from '../support/image_files.js';
import * as p from '../support/pickle_writer.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES, pthFile } from '../support/weights.js';

const SMALL = join(FIXTURES, 'small_1d.pth');
const HOSTILE = pthFile(p.pickle(p.call(p.global('os', 'system'), p.text('touch /tmp/owned'))));

/** Files that the command lines below name. */
function prepare(): string {
  const folder = temporaryFolder();
  npyFile(folder, 'x.npy', [1, 3, 64, 64]);
  npyFile(folder, 'flat.npy', [3, 64, 64]);
  npyFile(folder, 'grey.npy', [1, 1, 64, 64]);
  npyFile(folder, 'small.npy', [1, 3, 16, 64]);
  placeImages(folder, {
    'photo.png': 'wide.png',
    'text.png': null,
    'two/a/1.png': 'wide.png',
    'two/b/1.png': 'wide.png',
    'none/a/notes.txt': null,
    'broken/a/1.png': null,
  });
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'ten.txt'), 'abcdefghij'.split('').join('\n'));
  writeFileSync(join(folder, 'three.txt'), 'a\nb\nc\n');
  writeFileSync(join(folder, 'strange.txt'), 'bcdefghijk'.split('').join('\n'));
  writeFileSync(join(folder, 'cut.pth'), readFileSync(SMALL).subarray(0, 20_000));
  writeFileSync(join(folder, 'hostile.pth'), HOSTILE);
  for (const name of ['small.pth', 'small.safetensors'])
    writeFileSync(join(folder, name), readFileSync(SMALL));
  symlinkSync('/dev/null', join(folder, 'null.safetensors'));
  return folder;
}

const CLASSIFY = 'classify --input x.npy';
const CASES: readonly (readonly [line: string, reason: RegExp])[] = [
  ['classify --weights small.pth', /there is nothing to classify; name image files, or an array/],
  ['classify photo.png --input x.npy --weights small.pth', /and both are given/],
  ['classify photo.png', /required option '--weights <file>' not specified/],
  ['classify none.png --weights small.pth', /none\.png': cannot be read: no such file/],
  ['classify text.png --weights small.pth', /text\.png': cannot be read as a picture: .*unsupported/],
  ['classify photo.png --weights small.pth --side 31', /'31': the side must be a whole number from 32/],
  [`${CLASSIFY} --weights small.pth --top 0`, /'0': the number of classes must be a whole number from 1/],
  [`${CLASSIFY} --weights small.pth --batch 0`, /'0': the batch must be a whole number from 1/],
  [
    `${CLASSIFY} --weights small.pth --labels three.txt`,
    /three\.txt': has 3 lines, and the network 10 classes/,
  ],
  [`${CLASSIFY} --weights small.pth --labels none.txt`, /none\.txt': cannot be read: no such file/],
  [`${CLASSIFY} --weights small.pth --logits small.pth`, /small\.pth': is the file of another option/],
  [`${CLASSIFY} --weights small.pth --logits gone/y.npy`, /cannot be written: no such file or directory/],
  [`${CLASSIFY} --weights none.pth`, /none\.pth': cannot be read: no such file or directory; name a \.pth/],
  [`${CLASSIFY} --weights cut.pth`, /cut\.pth': /],
  [`${CLASSIFY} --weights hostile.pth`, /hostile\.pth': .*'os\.system'.*nothing was executed/],
  [`${CLASSIFY} --weights photo.png`, /photo\.png': is neither a \.pth nor a \.safetensors file/],
  [`${CLASSIFY} --weights small.pth --variant 2d`, /holds weights of variant 1d, and 2d was asked for/],
  [
    `${CLASSIFY} --weights small.pth --model tiny`,
    /holds weights of neither tiny nor base .*, and tiny was asked for/,
  ],
  [`${CLASSIFY} --weights small.pth --model huge`, /'huge' is invalid.* auto, tiny, base/],
  [`${CLASSIFY} --weights small.pth --ema`, /holds no model_ema .*; read its plain weights, without --ema/],
  [
    `${CLASSIFY} --weights small.pth --products tf32`,
    /'tf32': TF32 is how a GPU multiplies .*, and the target is a CPU/,
  ],
  [`${CLASSIFY} --weights small.pth --library empty`, /empty/],
  [`${CLASSIFY} --weights small.pth --target abacus`, /'abacus'/],
  ['classify --input flat.npy --weights small.pth', /an input is \[N,C,H,W\].*this one is \(3, 64, 64\)/],
  ['classify --input grey.npy --weights small.pth', /an input is \[N,3,H,W\].*this one is \(1, 1, 64, 64\)/],
  [
    'classify --input small.npy --weights small.pth',
    /'16x64': an image of this variant has at least 29x29 pixels/,
  ],
  ['classify --input text.png --weights small.pth', /text\.png': is no \.npy file/],
  ['features --input x.npy --weights small.pth', /required option '--out <dir>' not specified/],
  ['features --input x.npy --weights small.pth --out photo.png', /photo\.png': cannot be made a folder/],
  ['features --input none.npy --weights small.pth --out maps', /none\.npy': cannot be read: no such file/],
  ['eval --weights small.pth', /missing required argument 'image-folder'/],
  ['eval missing --weights small.pth', /missing': cannot be read as a folder: no such file/],
  ['eval photo.png --weights small.pth', /photo\.png': cannot be read as a folder: not a directory/],
  ['eval empty --weights small.pth', /empty': holds no folders, and images are in one for each class/],
  [
    'eval two --weights small.pth',
    /two': holds 2 folders, and the network has 10 classes: which is which cannot be told/,
  ],
  ['eval two --weights small.pth --labels strange.txt', /two\/a': is a folder of no class/],
  ['eval two --weights small.pth --gpus 0', /'0': --gpus are those .*, and the target is a CPU/],
  ['eval none --weights small.pth --labels ten.txt --side 32', /none': holds no images in its folders/],
  [
    'eval broken --weights small.pth --labels ten.txt --side 32',
    /holds images and folders of which none can be read, 1 in all/,
  ],
  ['convert --weights small.pth', /required option '--out <file\.safetensors>' not specified/],
  [
    'convert --weights small.safetensors --out small.safetensors',
    /small\.safetensors': is the file of another option/,
  ],
  [
    'convert --weights small.pth --out small.pth',
    /small\.pth': weights are written in safetensors, and the name does not end in .*; name for example small\.safetensors$/,
  ],
  [
    'convert --weights small.pth --out y',
    /\/y': weights are written in safetensors, .*; name for example y\./,
  ],
  [
    'convert --weights small.pth --out null.safetensors',
    /null\.safetensors': is no regular file, and weights are written aside/,
  ],
  [
    'convert --weights small.pth --out gone/x.safetensors',
    /cannot be written: .*; name a file in a folder that exists/,
  ],
  ['convert --weights small.pth --variant 1dpp --out y.safetensors', /holds weights of variant 1d, and 1dpp/],
  ['profile', /it is not said which network is to be timed; give --weights, or --model and --variant/],
  ['profile --model tiny', /it is not said which network is to be timed/],
  ['profile --weights small.pth --report small.pth', /small\.pth': is the file of another option/],
  [
    'profile --weights small.pth --image 16x64',
    /'16x64': an image of this variant has at least 29x29 pixels/,
  ],
  ['profile --weights small.pth --image 64', /'64': a size is HxW/],
  [
    'profile --weights small.pth --image 100000x100000',
    /'100000x100000': a step of the network makes \d+ numbers .* kernels count to 2147483647; use smaller images, such as \d+x\d+$/,
  ],
  [
    'profile --weights small.pth --image 16777215x16777215 --batch 16777215',
    /'\[16777215, 3, 16777215, 16777215\]': images have at most 1099511627776 numbers in all; use a smaller/,
  ],
  [
    'profile --weights small.pth --image 9000x9000 --batch 4000',
    /'9000x9000': 4000 images of this size take [\d.]+ GiB, and .* GiB; use /,
  ],
];

test.each(CASES)('%s', async (line, reason) => {
  const folder = prepare();
  const place = (word: string) =>
    /\.|^(empty|two|none|broken|missing|maps|gone|y$)/.test(word) && !word.startsWith('/')
      ? join(folder, word)
      : word;
  const { exit, stdout, stderr } = await cli(...line.split(' ').map(place));
  expect(stderr.split('\n').at(-2)).toMatch(reason);
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(stderr).toMatch(/(^|\n)oriented1d: [^\n]*\n$/);
});

test('a device that is not there', async () => {
  const { exit, stderr } = await cli(
    'classify',
    imageFixture('wide.png'),
    '--weights',
    SMALL,
    '--target',
    'cuda:sm_1',
  );
  expect(exit).toBe(2);
  expect(stderr).toMatch(/^oriented1d: 'cuda:sm_1': [^\n]*\n$/);
});
