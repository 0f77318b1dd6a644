import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelResults } from '../../bench/models/result.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const FORMS = [
  { gelu: 'exact', noted: undefined },
  { gelu: 'tanh', noted: 'tanh' },
];

test.each(FORMS)(
  'a model by itself, on small images, GELU $gelu: table and JSON',
  async ({ gelu, noted }) => {
    const file = join(temporaryFolder(), 'models.json');
    const line = `bench models --models tiny --variants 2d --image 32x32 --peers none --budget 1s --gelu ${gelu}`;
    const { stdout, exit } = await cli(...line.split(' '), '--save', file);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^model +batch +ms +images\/s/);
    const { provenance, results } = modelResults.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(provenance.gelu).toBe(noted);
    expect(results).toMatchObject([{ size: 'tiny', variant: '2d', batch: 1, peers: [] }]);
  },
);

test.each([
  ['--models huge', /^oriented1d: 'huge': a model is one of tiny, base; use for example tiny/],
  ['--variants 1d,3d', /^oriented1d: '3d': a variant is one of 1d, 1dpp, 2d, 2dpp/],
  ['--batches 1,0', /a batch/],
  ['--products fp16', /fp16/],
  ['--products tf32', /^oriented1d: 'tf32': TF32 is how a GPU multiplies matrices, and the target is a CPU/],
  ['--gelu sigmoid', /'sigmoid' is invalid.*exact, tanh/],
  ['--peers cudnn', /^oriented1d: 'cudnn': the peers of bench models are torch and torch-compile, or none/],
])('refuses %s', async (options, message) => {
  const { stderr, exit } = await cli('bench', 'models', ...options.split(' '));
  expect(exit).toBe(2);
  expect(stderr).toMatch(message);
});
