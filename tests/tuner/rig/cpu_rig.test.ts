import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problem } from '../../../generator/problem.js';
import { space } from '../../../generator/space.js';
import { cpuTarget } from '../../../generator/target.js';
import type { Compiler } from '../../../runtime/compiler.js';
import { candidate } from '../../../tuner/candidate.js';
import { buildUnits } from '../../../tuner/rig/cpu_rig.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const target = cpuTarget('plain');
const layer = problem({ height: 7, width: 7, kernel: 3, angles: [0], channels: 16 });
const setting = { target, toolchain: { compiler: 'sh', flags: '' }, machine: 'a machine', threads: 1 };
const candidates = space(layer, target)
  .candidates.slice(0, 3)
  .map((schedule) => candidate(schedule, setting));

/** A compiler that notes that it runs, waits for a file, and refuses everything. */
function refusing(folder: string) {
  const [log, go] = [join(folder, 'log'), join(folder, 'go')];
  const script = `echo run >> '${log}'; while [ ! -e '${go}' ]; do sleep 0.01; done; exit 1`;
  const compiler: Compiler = { kind: 'compiler', version: 'sh', brand: 'gcc', command: ['sh', '-c', script] };
  const runs = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0);
  return { compiler, runs, go: () => writeFileSync(go, '') };
}

test('tries the candidates of a refused unit one by one', async () => {
  const folder = temporaryFolder();
  const { compiler, runs, go } = refusing(folder);
  go();
  const { signal } = new AbortController();
  const built = await buildUnits(candidates, { compiler, flags: [], width: 1 }, { folder, signal });
  expect(built.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused']);
  expect(runs()).toBe(4);
});

test('tries none of them after Ctrl-C, and refuses none', async () => {
  const folder = temporaryFolder();
  const { compiler, runs, go } = refusing(folder);
  const controller = new AbortController();
  const building = buildUnits(
    candidates,
    { compiler, flags: [], width: 1 },
    { folder, signal: controller.signal },
  );
  while (runs() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  go();
  expect(await building).toEqual([]);
  expect(runs()).toBe(1);
});
