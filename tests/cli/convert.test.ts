import { lstatSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadWeights } from '../../runtime/weights/load.js';
import { modelConfig } from '../../runtime/weights/model/model_config.js';
import { cli } from '../support/cli.js';
import { npyFile } from '../support/image_files.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES } from '../support/weights.js';

const weights = (variant: string) => join(FIXTURES, `small_${variant}.pth`);

it('writes a network with shorter kernels, which other commands read', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'backbone.safetensors');
  const run = await cli('convert', '--weights', weights('1dpp'), '--out', out, '--json');
  expect(run).toMatchObject({ exit: 0, stderr: '' });
  expect(JSON.parse(run.stdout)).toMatchObject({
    ...{ out, variant: '1dpp', classes: 10 },
    kernels: { first: [15, 15, 15, 13], second: [31, 31, 27, 13] },
    cropped: [
      { name: 'stages.2.0.dwconv2', from: 31, to: 27 },
      { name: 'stages.3.0.dwconv1', from: 15, to: 13 },
      { name: 'stages.3.0.dwconv2', from: 31, to: 13 },
    ],
  });
  expect(modelConfig(await loadWeights(out)).kernels.first).toEqual([15, 15, 15, 13]);
  const input = npyFile(folder, 'x.npy', [1, 3, 40, 33]);
  const maps = await cli('features', '--input', input, '--weights', out, '--out', join(folder, 'maps'));
  expect(maps).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('stage3.npy, float32 (1, 52, 1, 1)'),
  });
});

it('says in words what it cropped, and that there was nothing to crop', async () => {
  const out = join(temporaryFolder(), 'x.safetensors');
  expect((await cli('convert', '--weights', weights('1d'), '--out', out)).stdout).toBe(
    `wrote ${out}: 1d of widths 12, 20, 36, 52, 10 classes\ncropped 2 layers: 1 from 31 to 27 taps, 1 from 31 to 13 taps\n`,
  );
  expect((await cli('convert', '--weights', weights('2d'), '--out', out)).stdout).toMatch(
    /\nno kernel had to be cropped\n$/,
  );
});

it('writes where a link leads, and leaves the link', async () => {
  const folder = temporaryFolder();
  const [link, target] = [join(folder, 'link.safetensors'), join(folder, 'target')];
  writeFileSync(target, 'old');
  symlinkSync(target, link);
  expect((await cli('convert', '--weights', weights('1d'), '--out', link)).exit).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect((await loadWeights(target)).format).toBe('safetensors');
});
