import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cudaAddon } from '../../../runtime/cuda/addon.js';
import { putNvrtc } from '../../support/fake_toolkit.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

// Node's pool has four threads.
it('compiles as many sources at once as it is given, and keeps nobody waiting for files', async () => {
  const path = join(temporaryFolder(), 'libnvrtc.so.96');
  await putNvrtc(path, 96);
  const nvrtc = cudaAddon().nvrtc(path);
  const compile = (i: number) => cudaAddon().compile(nvrtc, 'crowd.cu', `crowd ${i}`, []);
  const first = [0, 1, 2, 3, 4, 5, 6].map(compile);
  expect((await readFile(path)).length).toBeGreaterThan(0);
  const cubins = await Promise.all([...first, compile(7)]);
  expect(cubins.map((cubin) => Buffer.from(cubin).toString())).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `crowd ${i}`),
  );
});
