import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readNpy } from '../../cli/npy.js';
import { cli } from '../support/cli.js';
import { npyFile } from '../support/image_files.js';
import { largestError, smallExpected } from '../support/small_networks.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES } from '../support/weights.js';

it.each([
  'classify x.png --weights x.pth',
  'eval images --weights x.pth',
  'features --input x.npy --out maps --weights x.pth',
  'profile --model tiny --variant 1d',
  'bench models',
])('%s takes GELU in two forms alone', async (line) => {
  const { stderr, exit } = await cli(...line.split(' '), '--gelu', 'sigmoid');
  expect(exit).toBe(2);
  expect(stderr).toMatch(/--gelu <form>.* 'sigmoid' is invalid.*exact, tanh/);
});

it('GELU by tanh moves logits, and not by much', async () => {
  const folder = temporaryFolder();
  const expected = await smallExpected('1d');
  const input = npyFile(folder, 'x.npy', [2, 3, 64, 96], await expected('input'));
  const weights = join(FIXTURES, 'small_1d.pth');
  const difference = async (gelu: string) => {
    const file = join(folder, `${gelu}.npy`);
    const run = await cli(
      ...['classify', '--input', input, '--weights', weights, '--logits', file, '--gelu', gelu],
    );
    expect(run.exit).toBe(0);
    return largestError((await readNpy(file)).data, await expected('logits'));
  };
  expect(await difference('exact')).toBeLessThan(1e-5);
  const moved = await difference('tanh');
  expect(moved).toBeLessThan(5e-3);
  expect(moved).toBeGreaterThan(2e-5);
});
