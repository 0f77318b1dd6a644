import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { problem } from '../../generator/problem.js';
import { space } from '../../generator/space.js';
import type { CudaTarget } from '../../generator/target.js';
import type { CudaCompiler } from '../../runtime/cuda/compiler.js';
import type { TuneEvent } from '../../tuner/event.js';
import { cudaRig } from '../../tuner/rig/cuda_rig.js';
import { openStore } from '../../tuner/store/store.js';
import { tune } from '../../tuner/tune.js';
import { lendFakeCuda } from '../support/fake_cuda.js';
import { putNvcc } from '../support/fake_toolkit.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** The only kind of layer that the fake GPU computes. */
const layer = problem({ height: 9, width: 9, kernel: 1, angles: [0], channels: 1, batch: 3, layout: 'nhwc' });
const target: CudaTarget = { kind: 'cuda', arch: 'sm_90' };
const gpu = { target, index: 0, name: 'Fake GPU', driver: '12.4' };

afterEach(() => vi.unstubAllEnvs());

it('tunes for a GPU: the best of each family first, then a final, all of it in the store', async () => {
  const [folder, temporary, cache] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  await lendFakeCuda(folder);
  putNvcc(folder);
  vi.stubEnv('TMPDIR', temporary);
  vi.stubEnv('ORIENTED1D_CACHE', cache);
  const compiler: CudaCompiler = { kind: 'nvcc', version: '12.3.45', path: join(folder, 'nvcc') };
  const store = openStore(join(folder, 'trials.db'));
  const events: TuneEvent[] = [];
  const [result] = await tune([layer], {
    ...{
      store,
      rigs: [await cudaRig(gpu, compiler)],
      search: 'exhaustive',
      seed: 1,
      seconds: 1,
      more: false,
    },
    signal: new AbortController().signal,
    on: (event) => events.push(event),
  });
  const trials = store.trials();
  expect(trials.length).toBeGreaterThan(0);
  expect(trials.map(({ outcome }) => outcome.kind)).toEqual(trials.map(() => 'ok'));
  expect(trials[0]).toMatchObject({
    target: 'cuda:sm_90',
    machine: 'Fake GPU',
    threads: 1,
    toolchain: { compiler: 'nvcc 12.3.45, driver 12.4', flags: expect.stringContaining('sm_90') },
  });
  expect(result!.winner).toMatchObject({ final: true, copy: { median: expect.closeTo(1, 1) } });
  const families = new Set(space(layer, target).candidates.map(({ family }) => family));
  const first = trials.slice(0, families.size + 4).map(({ kernel }) => kernel.split('__')[1]!);
  for (const family of families)
    expect(first.some((schedule) => schedule.startsWith(`${family}_`))).toBe(true);
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(cache).every((file) => file.startsWith('inspection-'))).toBe(true);
  store.close();
});
