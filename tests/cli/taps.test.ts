import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tapSet } from '../../generator/taps.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

test('--json is exactly the kernel, the angle and the taps', async () => {
  const { exit, stdout, stderr } = await cli('taps', '--kernel', '3', '--angle', '45', '--json');
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(stdout).toBe('{"kernel":3,"angle":45,"taps":[{"dy":0,"dx":0,"weights":[0,1,2]}]}\n');
});

test('--json holds the taps at any angle', async () => {
  await fc.assert(
    fc.asyncProperty(anyKernel, anyAngle, async (kernel, angle) => {
      const { stdout } = await cli('taps', '--kernel', String(kernel), '--angle', String(angle), '--json');
      expect(JSON.parse(stdout)).toEqual({ kernel, angle: angle + 0, taps: tapSet(kernel, angle).taps });
    }),
    { numRuns: 30 },
  );
});

test('without flags, a drawing and a table', async () => {
  const { stdout, stderr } = await cli('taps', '--kernel', '7', '--angle', '22.5');
  expect(stderr).toBe('');
  expect(stdout).toBe(
    [
      'K = 7 at 22.5°: 5 pixels, 1 of them under several weights',
      '',
      '  · · · · ■',
      '  · ■ 3 ■ ·',
      '  ■ · · · ·',
      '',
      'dy  dx  weights',
      '1   -2  0',
      '0   -1  1',
      '0   0   2, 3, 4',
      '0   1   5',
      '-1  2   6',
      '',
    ].join('\n'),
  );
});

test('a drawing wider than a terminal is left out', async () => {
  const { stdout } = await cli('taps', '--kernel', '101', '--angle', '0');
  expect(stdout).not.toContain('■');
  expect(stdout).toContain('\n0   -50  0\n');
});

test('--svg writes a picture and leaves stdout empty', async () => {
  const file = join(temporaryFolder(), 'taps.svg');
  const run = await cli('taps', '--kernel', '15', '--angle', '45', '--svg', file);
  expect(run).toEqual({ exit: 0, stdout: '', stderr: `wrote ${file}\n` });
  expect(readFileSync(file, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
});

test('--svg and --json go together', async () => {
  const file = join(temporaryFolder(), 'taps.svg');
  const { stdout } = await cli('taps', '--kernel', '3', '--angle', '0', '--svg', file, '--json');
  expect(JSON.parse(stdout).taps).toHaveLength(3);
  expect(readFileSync(file, 'utf8')).toMatch(/^<svg /);
});

test('a picture that cannot be written is refused, and leaves nothing', async () => {
  const folder = temporaryFolder();
  const { exit, stderr } = await cli('taps', '--kernel', '3', '--angle', '0', '--svg', folder);
  expect(exit).toBe(2);
  expect(stderr).toContain('it is a folder');
  expect(readdirSync(folder)).toEqual([]);
});
