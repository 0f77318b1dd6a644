import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadWeights } from '../../runtime/weights/load.js';
import { writeSafetensors } from '../../runtime/weights/safetensors/write_safetensors.js';
import { cli } from '../support/cli.js';
import { imageFixture, npyFile, placeImages } from '../support/image_files.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES } from '../support/weights.js';

/** The small network with one number of the head replaced. */
async function weightsWith(folder: string, number: number): Promise<string> {
  const { tensors } = await loadWeights(join(FIXTURES, 'small_1d.pth'));
  const file = join(folder, 'broken.safetensors');
  await writeSafetensors(
    file,
    tensors.map((tensor) => ({
      ...tensor,
      async read() {
        const numbers = await tensor.read();
        if (tensor.name === 'head.weight') numbers[7] = number;
        return numbers;
      },
    })),
  );
  return file;
}

const WEIGHTS =
  /^.*broken\.safetensors: 'head\.weight' holds NaN or infinity, and nothing .* can be trusted$/gm;
const LOGITS = /^some logits are no finite numbers, and so no probabilities/gm;

const CLASSES = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`val/${i}/1.png`, 'wide.png']));

test.each([Number.NaN, Number.NEGATIVE_INFINITY])(
  'weights with %s are remarked once, by every command',
  async (number) => {
    const folder = temporaryFolder();
    const weights = ['--weights', await weightsWith(folder, number)];
    placeImages(folder, CLASSES);
    const input = npyFile(folder, 'x.npy', [1, 3, 32, 32]);
    const side = ['--side', '32', '--batch', '4'];
    const runs = {
      classify: await cli('classify', imageFixture('wide.png'), ...weights, ...side),
      features: await cli('features', '--input', input, ...weights, '--out', join(folder, 'maps')),
      eval: await cli('eval', join(folder, 'val'), ...weights, ...side, '--decoders', '1'),
      convert: await cli('convert', ...weights, '--out', join(folder, 'y.safetensors')),
    };
    for (const [name, { exit, stderr }] of Object.entries(runs)) {
      expect({ name, exit }).toEqual({ name, exit: 0 });
      expect(stderr.match(LOGITS)?.length ?? 0, name).toBe(name === 'classify' || name === 'eval' ? 1 : 0);
      // No stage needs the head.
      expect(stderr.match(WEIGHTS)?.length ?? 0, name).toBe(name === 'features' ? 0 : 1);
    }
  },
);

test('whole weights are not, and what images do is told without them', async () => {
  const folder = temporaryFolder();
  const weights = ['--weights', join(FIXTURES, 'small_1d.pth')];
  const [fine, broken] = [0, Number.NaN].map((number, i) =>
    npyFile(folder, `${i}.npy`, [1, 3, 32, 32], new Float32Array(3 * 32 * 32).fill(number)),
  );
  expect((await cli('convert', ...weights, '--out', join(folder, 'y.safetensors'))).stderr).toBe('');
  expect((await cli('classify', '--input', fine!, ...weights)).stderr).not.toMatch(/finite|NaN/);
  const { stderr } = await cli('classify', '--input', broken!, ...weights);
  expect(stderr.match(LOGITS)).toHaveLength(1);
  expect(stderr.match(WEIGHTS)).toBeNull();
});
