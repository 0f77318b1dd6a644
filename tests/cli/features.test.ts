import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readNpy } from '../../cli/npy.js';
import { VARIANTS } from '../../runtime/convnext/architecture.js';
import { cli } from '../support/cli.js';
import { npyFile } from '../support/image_files.js';
import { largestError, smallExpected } from '../support/small_networks.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES } from '../support/weights.js';

const SHAPES = [
  [2, 12, 16, 24],
  [2, 20, 8, 12],
  [2, 36, 4, 6],
  [2, 52, 2, 3],
];

test.each(VARIANTS)('%s writes the stages that PyTorch has, [N,C,H,W]', async (variant) => {
  const folder = temporaryFolder();
  const expected = await smallExpected(variant);
  const input = npyFile(folder, 'x.npy', [2, 3, 64, 96], await expected('input'));
  const out = join(folder, 'new', 'maps');
  const weights = join(FIXTURES, `small_${variant}.pth`);
  // In one run and in two.
  const run = await cli(
    'features',
    '--input',
    input,
    '--weights',
    weights,
    '--out',
    out,
    '--batch',
    variant === '1d' ? '1' : '2',
  );
  expect(run.exit).toBe(0);
  expect(readdirSync(out)).toEqual(['stage0.npy', 'stage1.npy', 'stage2.npy', 'stage3.npy']);
  for (const [stage, shape] of SHAPES.entries()) {
    const made = await readNpy(join(out, `stage${stage}.npy`));
    expect(made.shape).toEqual(shape);
    const wanted = await expected(`stage${stage}`);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(largestError(made.data, wanted) / largest).toBeLessThan(1e-4);
    expect(run.stdout).toContain(`wrote ${join(out, `stage${stage}.npy`)}, float32 (${shape.join(', ')})`);
  }
});
