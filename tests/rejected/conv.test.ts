import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { encodeNpy } from '../../cli/npy.js';
import { packagePath } from '../../generator/package.js';
import { cli } from '../support/cli.js';
import { changed } from '../support/flags.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const zeros = (...shape: readonly number[]) =>
  encodeNpy(shape, new Float32Array(shape.reduce((product, extent) => product * extent, 1)));

/** What the wrong command lines find on disk; the first three go together. */
const FILES = {
  'x.npy': zeros(2, 6, 9, 11),
  'w.npy': zeros(6, 7),
  'b.npy': zeros(6),
  'x3.npy': zeros(6, 9, 11),
  'x0.npy': zeros(2, 6, 0, 11),
  'w_even.npy': zeros(6, 8),
  'w_5.npy': zeros(5, 7),
  'w_4d.npy': zeros(6, 1, 1, 7),
  'b_5.npy': zeros(5),
  'b_2d.npy': zeros(6, 1),
  'text.npy': Buffer.from('hello'),
  'i4.npy': readFileSync(packagePath('tests', 'fixtures', 'npy', 'i4.npy')),
  'big.npy': readFileSync(packagePath('tests', 'fixtures', 'npy', 'f4_big_endian.npy')),
  'cut.npy': zeros(2, 6, 9, 11),
};

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(folder, name), bytes);
  truncateSync(join(folder, 'cut.npy'), 1000);
  const here = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(here));
});

const GOOD = '--input x.npy --weight w.npy --bias b.npy --angle 22.5 --output y.npy';

test('the command line that the others are variants of is right', async () => {
  expect(await cli('conv', ...GOOD.split(' '))).toMatchObject({ exit: 0 });
  expect(readdirSync(folder)).toContain('y.npy');
});

test.each([
  // Files that cannot be read
  ['--input none.npy', "'none.npy': cannot be read: no such file or directory; name a .npy file"],
  ['--input .', "'.': cannot be read: illegal operation on a directory"],
  ['--input text.npy', "'text.npy': is no .npy file; write it with numpy.save"],
  ['--input cut.npy', "'cut.npy': holds 872 bytes of elements where float32 (2, 6, 9, 11) takes 4752"],
  ['--input i4.npy', "'i4.npy': holds elements of type <i4, not little-endian float32; save x.astype('<f4')"],
  ['--weight big.npy', "'big.npy': holds elements of type >f4, not little-endian float32"],
  // Arrays that do not go together
  [
    '--input x3.npy',
    "'x3.npy': an input is [N,C,H,W] with --layout nchw, none of them 0; this one is (6, 9, 11)",
  ],
  [
    '--input x0.npy',
    "'x0.npy': an input is [N,C,H,W] with --layout nchw, none of them 0; this one is (2, 6, 0, 11)",
  ],
  ['--layout nhwc', "'w.npy': weights (6, 7) are for 6 channels, but [N,H,W,C] = (2, 6, 9, 11) has 11"],
  ['--weight w_5.npy', "'w_5.npy': weights (5, 7) are for 5 channels, but [N,C,H,W] = (2, 6, 9, 11) has 6"],
  [
    '--weight w_4d.npy',
    "'w_4d.npy': weights are [C,K], a row of taps for each channel, or [C,K,K] of square filters; these are (6, 1, 1, 7)",
  ],
  ['--weight w_even.npy', '8: the kernel length K must be odd, so that a tap lies on the centre; use 7 or 9'],
  ['--bias b_5.npy', "'b_5.npy': a bias is [C], one number a channel, here (6,); this one is (5,)"],
  ['--bias b_2d.npy', "'b_2d.npy': a bias is [C], one number a channel, here (6,); this one is (6, 1)"],
  // Values
  ['--angle nan', "'nan': an angle must be a finite number of degrees; use for example 22.5"],
  ['--angle 0x10', "'0x10': an angle must be a finite number of degrees"],
  ['--angle 0 --angle 90', "'--angle': the option was given more than once; give it once"],
  ['--stride 2 --json --stride=2', "'--stride': the option was given more than once"],
  ['--angle 1e999', 'Infinity: an angle must be a finite number of degrees'],
  ['--angles 0,45', "'conv': option '--angle <degrees>' cannot be used with option '--angles <list>'"],
  ['--stride 0', "'0': the stride must be a whole number from 1"],
  ['--stride 1.5', "'1.5': the stride must be a whole number from 1"],
  ['--threads 0', "'0': the number of threads must be a whole number from 1"],
  ['--threads 100000', '100000: threads must be a whole number from 1 to 1024'],
  [
    '--layout chw',
    "'conv': option '--layout <layout>' argument 'chw' is invalid. Allowed choices are nchw, nhwc;",
  ],
  // Not built yet, and unknown
  [
    '--op pool',
    "'conv': option '--op <op>' argument 'pool' is invalid. Allowed choices are fprop, dgrad, wgrad, backward;",
  ],
  ['--dtype f16', "'f16': the element type is known but not built yet; use f32"],
  ['--dtype bf16', "'bf16': the element type is known but not built yet; use f32"],
  [
    '--target cuda --threads 2',
    '2: threads are those of a CPU, and the target is a GPU; leave --threads out',
  ],
  [
    '--target tpu',
    "'tpu': a target is cpu, cpu:avx512, cpu:avx2, cpu:plain, cuda or cuda:sm_NN from 75 on; use --target cpu",
  ],
  [
    '--target cuda:sm_70',
    "'cuda:sm_70': a target is cpu, cpu:avx512, cpu:avx2, cpu:plain, cuda or cuda:sm_NN from 75",
  ],
  // Options of the other operation
  ['--op dgrad', "'--input': dgrad reads the gradient of fprop's output; give --grad dy.npy"],
  ['--grad x.npy', "'--grad': fprop reads images; give --input x.npy"],
  ['--size 9x11', "'--size': fprop finds its size in --input; leave it out"],
  ['--kernel 7', "'--kernel': the weights in --weight say how many taps there are; leave it out"],
  [
    '--weight-output dw.npy',
    "'--weight-output': it is for the gradient of the weights, which --op wgrad and backward compute; leave it out",
  ],
  [
    '--bias-output db.npy',
    "'--bias-output': it is for the gradient of the bias, which --op wgrad and backward compute; leave it out",
  ],
  ['--size 9', "'9': a size is HxW, the height and the width in pixels"],
  // Places that cannot be written
  [
    '--output none/y.npy',
    "'none/y.npy': cannot be written: no such file or directory; name a file in a folder",
  ],
  ['--output x.npy/y.npy', "'x.npy/y.npy': cannot be written: not a directory"],
  ['--output ../', "'../': cannot be written: it names no file"],
  ['--output=', "'': --output must not be empty; see oriented1d conv --help"],
  ['--bias=', "'': --bias must not be empty"],
  // Places where the result would mix with what is printed
  ['--output /dev/stdout', "'/dev/stdout': is the standard output, where this command prints"],
  ['--output /proc/self/fd/1 --json', "'/proc/self/fd/1': is the standard output"],
  // Said before anything is read
  ['--output none/y.npy --input none.npy', "'none/y.npy': cannot be written"],
  ['--output ..', "'..': cannot be written: it is a folder"],
])('conv %s', async (flags, line) => {
  const { exit, stdout, stderr } = await cli('conv', ...changed(GOOD.split(' '), flags.split(' ')));
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(stderr).toMatch(/^oriented1d: [^\n]*\n$/);
  expect(stderr.slice('oriented1d: '.length)).toSatisfy((text: string) => text.startsWith(line), line);
  expect(readdirSync(folder).sort()).toEqual(Object.keys(FILES).sort());
});

const DGRAD = '--op dgrad --grad x.npy --weight w.npy --size 9x11 --angle 22.5 --output dx.npy';

test('the command line of dgrad that the others are variants of is right', async () => {
  expect(await cli('conv', ...DGRAD.split(' '))).toMatchObject({ exit: 0 });
});

test.each([
  ['--bias b.npy', "'--bias': the gradient of fprop's input does not depend on a bias; leave it out"],
  ['--input x.npy', "'--input': dgrad reads the gradient of fprop's output; give --grad dy.npy"],
  [
    '--size 9x12',
    "'9x12': fprop of this size writes 9x12 at stride 1, and the gradient in x.npy is 9x11; use --size 9x11",
  ],
  [
    '--stride 3',
    "'9x11': fprop of this size writes 3x4 at stride 3, and the gradient in x.npy is 9x11; use a --size from 25x31 to 27x33, or another --stride",
  ],
  ['--stride 3 --size 27x30', "'27x30': fprop of this size writes 9x10 at stride 3"],
  ['--size 0x11', "'0x11': fprop of this size writes 0x11 at stride 1"],
  ['--grad x3.npy', "'x3.npy': a gradient is [N,C,H,W] with --layout nchw"],
  ['--grad none.npy', "'none.npy': cannot be read: no such file or directory"],
  ['--weight w_5.npy', "'w_5.npy': weights (5, 7) are for 5 channels, but [N,C,H,W] = (2, 6, 9, 11) has 6"],
])('conv --op dgrad %s', async (flags, line) => {
  const { exit, stdout, stderr } = await cli('conv', ...changed(DGRAD.split(' '), flags.split(' ')));
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(stderr).toSatisfy((text: string) => text.startsWith(`oriented1d: ${line}`), line);
});

test.each([
  [
    GOOD,
    '--input x.npy',
    "'--input': fprop needs the images that it convolves; add for example --input x.npy",
  ],
  [
    DGRAD,
    '--grad x.npy',
    "'--grad': dgrad needs the gradient of fprop's output; add for example --grad dy.npy",
  ],
  [GOOD, '--weight w.npy', "'--weight': fprop needs its weights; add for example --weight w.npy"],
  [DGRAD, '--weight w.npy', "'--weight': dgrad needs the weights of fprop; add for example --weight w.npy"],
  [
    DGRAD,
    '--size 9x11',
    "'--size': dgrad needs the height and width of fprop's input; add for example --size 56x56",
  ],
])('conv %s without %s', async (flags, missing, line) => {
  const { exit, stderr } = await cli('conv', ...flags.replace(`${missing} `, '').split(' '));
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: `oriented1d: ${line}\n` });
});

/** Gradients of fprop of x.npy at stride 2. */
const WGRAD =
  '--op wgrad --input x.npy --grad dy.npy --kernel 7 --stride 2 --angle 22.5 --output dw.npy --bias-output db.npy';
const BACKWARD =
  '--op backward --input x.npy --grad dy.npy --weight w.npy --stride 2 --angle 22.5 --output dx.npy --weight-output dw.npy --bias-output db.npy';

describe('conv of gradients', () => {
  const more = { 'dy.npy': zeros(2, 6, 5, 6), 'dy_1.npy': zeros(2, 6, 9, 11), 'dy_5.npy': zeros(2, 5, 5, 6) };
  beforeEach(() => {
    for (const [name, bytes] of Object.entries(more)) writeFileSync(join(folder, name), bytes);
  });
  const files = () => readdirSync(folder).sort();
  const before = Object.keys({ ...FILES, ...more }).sort();

  test.each([
    [WGRAD, ['dw.npy', 'db.npy']],
    [BACKWARD, ['dx.npy', 'dw.npy', 'db.npy']],
  ])('the command line that the others are variants of is right: %s', async (line, written) => {
    expect(await cli('conv', ...line.split(' '))).toMatchObject({ exit: 0 });
    expect(files()).toEqual([...before, ...written].sort());
  });

  test.each([
    // Gradients that do not fit
    [
      WGRAD,
      '--stride 1',
      "'dy.npy': fprop of x.npy (2, 6, 9, 11) writes (2, 6, 9, 11) at stride 1, and this gradient is (2, 6, 5, 6); give the gradient of that, ",
    ],
    [WGRAD, '--grad dy_1.npy', "'dy_1.npy': fprop of x.npy (2, 6, 9, 11) writes (2, 6, 5, 6) at stride 2"],
    [BACKWARD, '--grad dy_5.npy', "'dy_5.npy': fprop of x.npy (2, 6, 9, 11) writes (2, 6, 5, 6) at stride 2"],
    [WGRAD, '--grad w.npy', "'w.npy': fprop of x.npy (2, 6, 9, 11) writes (2, 6, 5, 6) at stride 2"],
    [WGRAD, '--layout nhwc', "'dy.npy': fprop of x.npy (2, 6, 9, 11) writes (2, 3, 5, 11) at stride 2"],
    [WGRAD, '--input x3.npy', "'x3.npy': an input is [N,C,H,W] with --layout nchw"],
    [WGRAD, '--kernel 8', '8: the kernel length K must be odd'],
    [BACKWARD, '--weight w_5.npy', "'w_5.npy': weights (5, 7) are for 5 channels"],
    // Options of the other operations
    [
      WGRAD,
      '--weight w.npy',
      "'--weight': the gradient of the weights does not depend on them; give --kernel K",
    ],
    [
      WGRAD,
      '--bias b.npy',
      "'--bias': the gradients of weights and bias do not depend on a bias; leave it out",
    ],
    [WGRAD, '--size 9x11', "'--size': wgrad finds its size in --input; leave it out"],
    [
      `${WGRAD} --resid`,
      '--angle 0',
      "'--resid': the gradient of the weights is the same with and without the input added; leave it out",
    ],
    [
      WGRAD,
      '--weight-output dw2.npy',
      "'--weight-output': wgrad's result is the gradient of the weights; give --output dw.npy",
    ],
    [BACKWARD, '--bias b.npy', "'--bias': none of the gradients depends on a bias; leave it out"],
    [BACKWARD, '--size 9x11', "'--size': backward finds its size in --input; leave it out"],
    [BACKWARD, '--kernel 7', "'--kernel': the weights in --weight say how many taps there are; leave it out"],
    // Places
    [WGRAD, '--bias-output dw.npy', "'dw.npy': two results would go into this file; name a file for each"],
    [
      BACKWARD,
      '--weight-output ./dx.npy',
      "'./dx.npy': two results would go into this file, which is also dx.npy; name a file for each",
    ],
    [WGRAD, '--bias-output none/db.npy', "'none/db.npy': cannot be written: no such file or directory"],
    [WGRAD, '--bias-output /dev/stdout', "'/dev/stdout': is the standard output"],
    [BACKWARD, '--weight-output ..', "'..': cannot be written: it is a folder"],
  ])('%s with %s', async (line, change, words) => {
    const { exit, stdout, stderr } = await cli('conv', ...changed(line.split(' '), change.split(' ')));
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(/^oriented1d: [^\n]*\n$/);
    expect(stderr).toSatisfy((text: string) => text.startsWith(`oriented1d: ${words}`), words);
    expect(files()).toEqual(before);
  });

  test.each([
    [
      WGRAD,
      '--input x.npy',
      "'--input': wgrad needs the images that fprop has read; add for example --input x.npy",
    ],
    [
      WGRAD,
      '--grad dy.npy',
      "'--grad': wgrad needs the gradient of fprop's output; add for example --grad dy.npy",
    ],
    [
      WGRAD,
      '--kernel 7',
      "'--kernel': wgrad needs to know how many taps the weights have; add for example --kernel 31",
    ],
    [
      BACKWARD,
      '--weight w.npy',
      "'--weight': backward needs the weights of fprop; add for example --weight w.npy",
    ],
    [
      BACKWARD,
      '--weight-output dw.npy',
      "'--weight-output': backward needs a place for the gradient of the weights; add for example --weight-output dw.npy",
    ],
  ])('%s without %s', async (line, missing, words) => {
    const { exit, stderr } = await cli('conv', ...line.replace(`${missing} `, '').split(' '));
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: `oriented1d: ${words}\n` });
    expect(files()).toEqual(before);
  });

  test('none of the results is written if one cannot be', async () => {
    const flags = changed(BACKWARD.split(' '), ['--bias-output', '/dev/full']);
    const { exit, stderr } = await cli('conv', ...flags);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /^oriented1d: '\/dev\/full': cannot be written: no space left on device; [^\n]*\n$/,
    );
    expect(files()).toEqual(before);
  });
});

test('conv without a direction', async () => {
  const flags = GOOD.replace('--angle 22.5 ', '').split(' ');
  const { exit, stderr } = await cli('conv', ...flags);
  expect(exit).toBe(2);
  expect(stderr).toMatch(/^oriented1d: '--angle': a convolution needs a direction; add --angle DEG/);
});

test('conv with more angles than channels', async () => {
  const flags = GOOD.replace('--angle 22.5', '--angles 0,1,2,3,4,5,6').split(' ');
  const { exit, stdout, stderr } = await cli('conv', ...flags);
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(stderr).toBe(
    "oriented1d: '0,1,2,3,4,5,6': 7 angles are spread over the channels, and 6 channels cannot hold them all; give fewer angles, or more channels\n",
  );
});

test('conv onto a full disk is no fault of the command line', async () => {
  const flags = GOOD.replace('y.npy', '/dev/full').split(' ');
  const { exit, stdout, stderr } = await cli('conv', ...flags);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
  expect(stderr).toMatch(/^oriented1d: '\/dev\/full': cannot be written: no space left on device; [^\n]*\n$/);
});

test('an input that never ends is refused at once', async () => {
  const { exit, stderr } = await cli(
    'conv',
    '--input',
    '/dev/zero',
    ...'--weight w.npy --angle 0 --output y.npy'.split(' '),
  );
  expect([exit, stderr]).toEqual([2, "oriented1d: '/dev/zero': is no .npy file; write it with numpy.save\n"]);
});
