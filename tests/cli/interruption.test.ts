import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openStoreToRead } from '../../tuner/store/store.js';
import { start } from '../support/process.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** A PyTorch that says who it is when it is asked for something, and never answers. */
function deafTorch(folder: string): string {
  const file = join(folder, 'python');
  writeFileSync(
    file,
    `#!/bin/sh
if [ "$1" = -c ]; then echo 9.9; exit 0; fi
read line
echo $$ > ${folder}/asked
exec sleep 60
`,
  );
  chmodSync(file, 0o755);
  return file;
}

const SMALL = '--target cpu:plain --peers torch --budget 0.1s';

test.each([
  ['layers --size 5x5 --kernels 3 --channels 8 --batch 1 --directions together --warm', 'SIGINT', 130],
  ['table5 --size 5x5 --kernels 3 --channels 8', 'SIGTERM', 143],
] as const)(
  'bench %s ends at once at %s, with %d and a line, and its peer, too',
  async (what, signal, code) => {
    const [folder, results] = [temporaryFolder(), temporaryFolder()];
    const line = [
      'bench',
      ...what.split(' '),
      ...SMALL.split(' '),
      '--db',
      join(folder, 'trials.db'),
      '--save',
      join(results, 'r.json'),
    ];
    const { child, ended } = start(line, { PYTHON: deafTorch(folder) });
    const peer = await vi.waitFor(
      () => Number(readFileSync(join(folder, 'asked'), 'utf8')) || expect.fail('it is being written'),
      { timeout: 50_000 },
    );
    child.kill(signal);
    const { stderr, ...end } = await ended;
    expect(end).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(/\ninterrupted: of times that are not all there nothing is kept\n$/);
    expect(readdirSync(results)).toEqual([]);
    await vi.waitFor(() => expect(existsSync(`/proc/${peer}/exe`)).toBe(false));
  },
);

test('bench models that is interrupted leaves no weights behind', async () => {
  const [folder, temporary] = [temporaryFolder(), temporaryFolder()];
  const line =
    'bench models --models tiny --variants 2d --image 32x32 --target cpu:plain --peers torch'.split(' ');
  const { child, ended } = start(line, { PYTHON: deafTorch(folder), TMPDIR: temporary });
  await vi.waitFor(() => expect(existsSync(join(folder, 'asked'))).toBe(true), { timeout: 50_000 });
  expect(readdirSync(temporary, { recursive: true })).toContainEqual(expect.stringContaining('tiny_2d'));
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stdout: '' });
  expect(readdirSync(temporary)).toEqual([]);
});

test('bench layers that is interrupted while it tunes keeps its trials', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  const layer = '--size 9x9 --kernels 3 --channels 8 --directions together --target cpu:plain'.split(' ');
  const { child, ended } = start(['bench', 'layers', ...layer, '--budget', '60s', '--db', db, '--json']);
  await vi.waitFor(() => expect(trialsIn(db)).toBeGreaterThan(0), { timeout: 50_000 });
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  expect([code, JSON.parse(stdout)]).toEqual([143, { interrupted: true }]);
  expect(stderr).toContain('what is finished is kept');
  expect(trialsIn(db)).toBeGreaterThan(0);
});

function trialsIn(db: string): number {
  if (!existsSync(db)) return 0;
  const store = openStoreToRead(db);
  try {
    return store.trials().length;
  } finally {
    store.close();
  }
}
