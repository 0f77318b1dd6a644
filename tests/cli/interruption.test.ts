import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { modelResults } from '../../bench/models/result.js';
import { openStoreToRead } from '../../tuner/store/store.js';
import { commandLine } from '../support/command_line.js';
import { start } from '../support/process.js';
import { quickCompiler } from '../support/quick_compiler.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** What is in the environment of all commands here; more is given with it. */
async function environment(more: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
  const CXX = (await quickCompiler()).command.join(' ');
  return { CXX, ...more };
}

/** Its number, once it has said who it is. */
function peerOf(folder: string): number {
  return Number(readFileSync(join(folder, 'asked'), 'utf8')) || expect.fail('it is being written');
}

vi.setConfig({ testTimeout: 120_000 });
/** Whatever a busy machine needs. */
const SOON = { timeout: 50_000 };

/** A PyTorch that says who it is when it is asked for something, and never answers. */
function deafTorch(folder: string): string {
  const file = join(folder, 'python');
  writeFileSync(
    file,
    `#!/bin/sh
if [ "$1" = -c ]; then echo 9.9; exit 0; fi
read line
echo $$ > ${folder}/asked
exec sleep 600
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
    const { child, ended } = start(line, await environment({ PYTHON: deafTorch(folder) }));
    const peer = await vi.waitFor(() => peerOf(folder), SOON);
    child.kill(signal);
    const { stderr, ...end } = await ended;
    expect(end).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(/\ninterrupted: of times that are not all there nothing is kept\n$/);
    expect(readdirSync(results)).toEqual([]);
    await vi.waitFor(() => expect(commandLine(peer)).toBe(''), SOON);
  },
);

test('Ctrl-C that a peer has heard of first is Ctrl-C, and no breakdown of the peer', async () => {
  const folder = temporaryFolder();
  const line = `bench table5 --size 5x5 --kernels 3 --channels 8 ${SMALL} --db ${join(folder, 'none.db')}`;
  const environs = await environment({ PYTHON: deafTorch(folder) });
  const { child, ended } = start(line.split(' '), environs, { detached: true });
  const peer = await vi.waitFor(() => peerOf(folder), SOON);
  child.kill('SIGSTOP');
  process.kill(-child.pid!, 'SIGINT'); // as a terminal does
  await vi.waitFor(() => expect(commandLine(peer)).toBe(''), SOON);
  child.kill('SIGCONT');
  const { code, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/\ninterrupted: [^\n]*\n$/) });
});

test('bench models that is interrupted leaves no weights behind', async () => {
  const [folder, temporary] = [temporaryFolder(), temporaryFolder()];
  const line =
    'bench models --models tiny --variants 2d --image 32x32 --target cpu:plain --peers torch'.split(' ');
  const { child, ended } = start(line, await environment({ PYTHON: deafTorch(folder), TMPDIR: temporary }));
  await vi.waitFor(() => expect(existsSync(join(folder, 'asked'))).toBe(true), SOON);
  expect(readdirSync(temporary, { recursive: true })).toContainEqual(expect.stringContaining('tiny_2d'));
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stdout: '' });
  expect(readdirSync(temporary)).toEqual([]);
});

test('bench models that is interrupted keeps the networks that it has measured, and says which are left', async () => {
  const file = join(temporaryFolder(), 'models.json');
  const line = `bench models --models tiny --variants 2d --batches 1,2 --image 32x32 --target cpu:plain --peers none --budget 60s --save ${file}`;
  const { child, ended } = start(line.split(' '), await environment());
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 60_000 });
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/\ninterrupted: 1 network of 2 are in .*models\.json\n$/);
  const { results, left } = modelResults.parse(JSON.parse(readFileSync(file, 'utf8')));
  expect([results.map(({ batch }) => batch), left]).toEqual([[1], ['tiny 2d, 2 of 32x32']]);
});

test('bench layers that is interrupted while it tunes keeps its trials', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  const layer = '--size 9x9 --kernels 3 --channels 8 --directions together --target cpu:plain'.split(' ');
  const { child, ended } = start(
    ['bench', 'layers', ...layer, '--budget', '60s', '--db', db, '--json'],
    await environment(),
  );
  await vi.waitFor(() => expect(trialsIn(db)).toBeGreaterThan(0), SOON);
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
