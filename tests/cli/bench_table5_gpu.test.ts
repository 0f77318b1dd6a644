import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cli } from '../support/cli.js';
import { fakeCudaLog, loadFakeCuda } from '../support/fake_cuda.js';
import { putNvcc } from '../support/fake_toolkit.js';
import { temporaryFolder } from '../support/temporary_folder.js';

beforeEach(async () => {
  const folder = temporaryFolder();
  await loadFakeCuda();
  putNvcc(join(folder, 'bin'));
  vi.stubEnv('CUDA_HOME', folder);
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env.PATH}`);
  vi.stubEnv('ORIENTED1D_CACHE', temporaryFolder());
});
afterEach(() => vi.unstubAllEnvs());

// The fake GPU computes one channel with one tap, which is no layer of eight angles: it gets as far as the first check.
test('on a GPU all kernels are compiled ahead, one is checked before anything is timed, and nothing is written', async () => {
  const folder = temporaryFolder();
  const log = fakeCudaLog();
  const files = ['--db', join(folder, 'none.db'), '--save', join(folder, 'table5.json')];
  const layer = '--size 4x4 --kernels 1 --channels 32 --batch 2 --layout nhwc --budget 1s'.split(' ');
  const run = await cli('bench', 'table5', '--target', 'cuda', ...layer, '--peers', 'none', ...files);
  expect(run).toMatchObject({ exit: 1, stdout: '' });
  expect(run.stderr).toMatch(
    /compiling 27\/27\noriented1d: 'fprop_nhwc_f32_4x4_s1_k1_a0_c32__\w+': it computes something else/,
  );
  expect(existsSync(join(folder, 'table5.json'))).toBe(false);
  const cubins = readdirSync(process.env.ORIENTED1D_CACHE!).filter((name) => name.endsWith('.cubin'));
  expect(cubins.filter((name) => /^(fprop|wgrad|backward)_/.test(name))).toHaveLength(27);
  expect(cubins.filter((name) => /^(mean|inspection)/.test(name))).toHaveLength(2);
  const launched = log().filter((line) => line.startsWith('launch '));
  expect(launched.some((line) => line.startsWith('launch mean'))).toBe(false);
});
