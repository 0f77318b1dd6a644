import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { publish } from '../../generator/library/publish.js';
import { layerName } from '../../generator/name.js';
import { problem } from '../../generator/problem.js';
import { renderKernel } from '../../tuner/harvest.js';
import { openStore } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { lendFakeCuda, loadFakeCuda } from '../support/fake_cuda.js';
import { putNvcc } from '../support/fake_toolkit.js';
import { PROVENANCE } from '../support/published_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { tuned } from '../support/tuned.js';

/** The only kind of layer that the fake GPU computes. */
const layer = problem({ height: 9, width: 9, kernel: 1, angles: [0], channels: 1, batch: 3 });
/** What the fake GPU runs. */
const TARGET = 'cuda:sm_90';

beforeEach(async () => {
  const folder = temporaryFolder();
  await loadFakeCuda();
  await lendFakeCuda(folder); // to workers
  putNvcc(join(folder, 'bin'));
  vi.stubEnv('CUDA_HOME', folder);
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env.PATH}`);
  vi.stubEnv('ORIENTED1D_CACHE', temporaryFolder());
});
afterEach(() => vi.unstubAllEnvs());

function database(target: string) {
  const db = join(temporaryFolder(), 'trials.db');
  const store = openStore(db);
  const { name } = tuned(store, { problem: layer, target, machine: 'Fake GPU' });
  store.close();
  return { db, name };
}

test('verify runs the winners of a GPU, and times them beside the copy', async () => {
  const { exit, stdout } = await cli('library', 'verify', database(TARGET).db, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    kernels: [{ target: TARGET, verdict: 'ok', ratios: { recorded: 2, now: expect.any(Number) } }],
  });
  expect(exit).toBe(0);
});

test('verify runs the kernels of a published library on a GPU', async () => {
  const names = { name: database(TARGET).name, target: TARGET };
  const entry = { ...names, layer: layerName(layer), provenance: PROVENANCE };
  const folder = join(temporaryFolder(), 'library');
  publish({
    folder,
    command: 'oriented1d library refresh DIR',
    kernels: [{ entry, ...renderKernel(names) }],
    extras: {},
  });
  const { exit, stdout } = await cli('library', 'verify', folder, '--sample', '0', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, run: 1, kernels: [{ verdict: 'ok' }] });
  expect(exit).toBe(0);
});

test('verify says that a GPU of another architecture is not here', async () => {
  const { exit, stdout } = await cli('library', 'verify', database('cuda:sm_80').db);
  expect(exit).toBe(1);
  expect(stdout).toMatch(/ is not verified, .*1 of 1 kernels were not run: cuda:sm_80 does not run on/);
});

test('list tells a driver that is another from a compiler that is', async () => {
  const { db } = database(TARGET);
  const { winners } = JSON.parse((await cli('library', 'list', '--db', db, '--json')).stdout);
  expect(winners[0].stale).toEqual([
    expect.stringMatching(/^compiled by a compiler, and here is (nvcc|NVRTC) /),
    expect.stringMatching(/^measured with driver unknown, and here is \d/),
    'compiled with other flags',
  ]);
});
