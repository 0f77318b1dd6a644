import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { generalFile, generalKernel } from '../../generator/families/cpp_general.js';
import type { PublishedKernel } from '../../generator/library/kernel_file.js';
import { publish } from '../../generator/library/publish.js';
import { layerName } from '../../generator/name.js';
import { type Problem, problem } from '../../generator/problem.js';
import { type Target, targetName } from '../../generator/target.js';
import { openCpu } from '../../runtime/cpu.js';
import { renderKernel } from '../../tuner/harvest.js';
import { space } from '../../tuner/space.js';
import { openStore } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { PROVENANCE } from '../support/published_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { RUN, took, trialKey, trialReport } from '../support/trials.js';

afterEach(() => vi.unstubAllEnvs());

const { target } = openCpu();
const LAYERS = [7, 9].map((size) =>
  problem({ height: size, width: size, kernel: 3, angles: [0], channels: 16 }),
);

const CUDA_LAYER = problem({ height: 56, width: 56, kernel: 7, angles: [0], channels: 64 });

/** A kernel as it would be published had it been tuned. */
function kernel(layer: Problem, on: Target): PublishedKernel {
  const names = { name: space(layer, on).candidates[0]!.name, target: targetName(on) };
  return { entry: { ...names, layer: layerName(layer), provenance: PROVENANCE }, ...renderKernel(names) };
}

/** Of a target that `library verify` does not run. */
const cudaKernel = () => kernel(CUDA_LAYER, { kind: 'cuda', arch: 'sm_90' });

/** Kernels that this machine runs. */
const KERNELS = LAYERS.map((layer) => kernel(layer, target));

function library(extras: Readonly<Record<string, string>> = {}, kernels = KERNELS): string {
  const folder = join(temporaryFolder(), 'library');
  publish({ folder, command: 'oriented1d library refresh DIR', kernels, extras });
  return folder;
}

test('verify finds every kernel of a library right', async () => {
  const { exit, stdout } = await cli('library', 'verify', library(), '--json');
  const { ok, kernels } = JSON.parse(stdout);
  expect({ exit, ok }).toEqual({ exit: 0, ok: true });
  expect(kernels).toMatchObject([{ verdict: 'ok' }, { verdict: 'ok' }]);
});

test('verify vouches for a library all of whose kernels ran', async () => {
  const folder = library();
  const { exit, stdout } = await cli('library', 'verify', folder);
  expect(exit).toBe(0);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(`${folder} is sound`);
});

test('verify does not vouch for kernels that nothing compiled', async () => {
  const folder = library();
  vi.stubEnv('CXX', '');
  vi.stubEnv('PATH', temporaryFolder());
  const { exit, stdout } = await cli('library', 'verify', folder);
  expect(exit).toBe(1);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
    /is not verified, .*; 2 of 2 kernels were not run: no C\+\+ compiler: none of \$CXX, .* runs$/,
  );
  const json = JSON.parse((await cli('library', 'verify', folder, '--json')).stdout);
  expect(json).toMatchObject({ ok: false, run: 0, notRun: 2 });
  expect(json.kernels).toMatchObject([{ verdict: 'not run', sound: null }, { verdict: 'not run' }]);
});

test('verify says of which kernels it knows nothing, since they run elsewhere', async () => {
  const folder = library({}, [...KERNELS, cudaKernel()]);
  const { exit, stdout } = await cli('library', 'verify', folder);
  expect(exit).toBe(0);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(
    `${folder} is sound as far as it was run; 1 of 3 kernels were not run: cuda:sm_90 does not run on this machine`,
  );
  const json = JSON.parse((await cli('library', 'verify', folder, '--json')).stdout);
  expect(json).toMatchObject({ ok: true, run: 2, notRun: 1 });
});

test('verify says both that a library is not sound and what was not run', async () => {
  const folder = library({}, [...KERNELS, cudaKernel()]);
  writeFileSync(join(folder, 'README.md'), 'changed');
  const { exit, stdout } = await cli('library', 'verify', folder);
  expect(exit).toBe(1);
  expect(stdout).toMatch(/ is not sound, and 1 of 3 kernels were not run: cuda:sm_90 does not run/);
});

test('a kernel that does not compile is a finding, and the others are looked at all the same', async () => {
  const folder = library();
  const compiler = join(temporaryFolder(), 'g++');
  const refuse = `grep -q 7x7 "$0.text" && { echo 'x.cpp:1: error: not today' >&2; exit 1; }`;
  const script = `#!/bin/sh\ncase "$*" in *--version*) exec g++ --version;; esac\ncat > "$0.text"\n${refuse}\nexec g++ "$@" < "$0.text"\n`;
  writeFileSync(compiler, script);
  chmodSync(compiler, 0o755);
  vi.stubEnv('CXX', compiler);
  vi.stubEnv('ORIENTED1D_CACHE', temporaryFolder());
  const { exit, stdout } = await cli('library', 'verify', folder, '--json');
  const { ok, kernels } = JSON.parse(stdout);
  expect({ exit, ok }).toEqual({ exit: 1, ok: false });
  expect(kernels).toMatchObject([
    { verdict: 'refused-by-compiler', detail: expect.stringContaining('not today'), sound: false },
    { verdict: 'ok', sound: true },
  ]);
});

test('refresh writes the general kernels again that a library lists, and gives none to another', async () => {
  const without = library();
  await cli('library', 'refresh', without);
  expect(existsSync(join(without, 'general'))).toBe(false);
  const folder = library({ [generalFile('fprop')]: 'an older text' });
  const link = join(temporaryFolder(), 'link');
  symlinkSync(folder, link);
  expect(await cli('library', 'refresh', link)).toMatchObject({ exit: 0, stderr: '' });
  expect(readFileSync(join(folder, generalFile('fprop')), 'utf8')).toBe(generalKernel('fprop'));
});

test.each([
  ['not JSON', '{'],
  ['no export', '{"kind":"other"}'],
])('import of a file that is %s makes no database', async (_, text) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'bad.json'), text);
  const { exit, stderr } = await cli(
    'library',
    'import',
    join(folder, 'bad.json'),
    '--db',
    join(folder, 'new.db'),
  );
  expect(exit).toBe(2);
  expect(stderr).toMatch(/^[^\n]*bad\.json': not an export of trials[^\n]*\n$/);
  expect(readdirSync(folder)).toEqual(['bad.json']);
});

test('import makes a database of what export wrote', async () => {
  const folder = temporaryFolder();
  const [from, to, file] = ['from.db', 'to.db', 'trials.json'].map((name) => join(folder, name));
  const store = openStore(from!);
  store.begin(RUN).record(trialReport(trialKey(7), took(50)));
  store.close();
  await cli('library', 'export', file!, '--db', from!);
  const { exit, stdout } = await cli('library', 'import', file!, '--db', to!);
  expect([exit, stdout]).toEqual([0, '1 trials taken over, 0 were there already\n']);
});

test('a compiler that writes nothing is refused in one line', async () => {
  vi.stubEnv('CXX', '/bin/true');
  vi.stubEnv('ORIENTED1D_CACHE', temporaryFolder());
  const { exit, stdout, stderr } = await cli('library', 'verify', library());
  expect([exit, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^[^\n]*\/bin\/true[^\n]*wrote no binary; set CXX to a C\+\+ compiler\n$/m);
});

test('list says where there is no winner', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  openStore(db).close();
  expect(await cli('library', 'list', '--db', db)).toMatchObject({
    exit: 0,
    stdout: `no winners in ${db}\n`,
  });
});
