import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { generalFile, generalKernel } from '../../generator/families/cpp_general.js';
import { packedImage } from '../../generator/library/image_bytes.js';
import type { PublishedKernel } from '../../generator/library/kernel_file.js';
import { publish } from '../../generator/library/publish.js';
import { layerName } from '../../generator/name.js';
import { type Problem, problem } from '../../generator/problem.js';
import { space } from '../../generator/space.js';
import { type Target, targetName } from '../../generator/target.js';
import { openCpu } from '../../runtime/cpu.js';
import { compileCuda, cudaCompilerName, findCudaCompiler } from '../../runtime/cuda/compiler.js';
import { machine } from '../../runtime/machine.js';
import { renderKernel } from '../../tuner/harvest.js';
import { openStore } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { PROVENANCE } from '../support/published_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { RUN, timing, took, trialKey, trialReport } from '../support/trials.js';
import { type Tuned, tuned } from '../support/tuned.js';

afterEach(() => vi.unstubAllEnvs());

const { target } = openCpu();
const compiler = await findCudaCompiler();
const LAYERS = [7, 9].map((size) =>
  problem({ height: size, width: size, kernel: 3, angles: [0], channels: 16 }),
);

const CUDA_LAYER = problem({ height: 7, width: 7, kernel: 3, angles: [0], channels: 32 });

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

test.each([
  [1, '1 kernel is in'],
  [2, '2 kernels are in'],
])('refresh of %i says so', async (count, words) => {
  const folder = library({}, KERNELS.slice(0, count));
  expect((await cli('library', 'refresh', folder)).stdout).toBe(`${words} ${folder}\n`);
});

test.skipIf(!compiler)(
  'refresh takes other words over where the machine code stays, and nothing else',
  async () => {
    const image = async (source: string) => {
      const path = await compileCuda(compiler!, { name: 'measured', text: source, arch: 'sm_90' });
      return { bytes: packedImage(readFileSync(path)), compiler: cudaCompilerName(compiler!) };
    };
    const today = cudaKernel();
    const measured = async (source: string) =>
      library({}, [{ ...today, source, image: await image(source) }]);
    const worded = await measured(`// Words of then.\n${today.source}`);
    expect(await cli('library', 'refresh', worded)).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^1 kernel is in .*\n1 kernel in other words than when measured: .*\n$/),
    });
    expect((await cli('library', 'refresh', worded)).stdout).toBe(`1 kernel is in ${worded}\n`);
    const other = await measured(today.source.replaceAll('fmaf(', '1.5f + fmaf('));
    expect(await cli('library', 'refresh', other)).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(
        /writes another source for it than the one that was measured; refresh it with \S+ [\d.]+ if only words/,
      ),
    });
  },
);

test('verify runs kernels of gradients, too', async () => {
  const [layer] = LAYERS;
  const asked = [
    problem({ ...layer!, op: 'wgrad' }),
    problem({ ...layer!, op: 'backward' }),
    problem({ ...layer!, op: 'dgrad', stride: 2 }),
  ];
  const folder = library(
    {},
    asked.map((one) => kernel(one, target)),
  );
  const { exit, stdout } = await cli('library', 'verify', folder, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    run: 3,
    kernels: asked.map(() => ({ verdict: 'ok' })),
  });
  expect(exit).toBe(0);
});

/** A database of winners for these layers on this processor, of schedules that were not tried before. */
function database(layers = LAYERS, change: Partial<Tuned> = {}): string {
  const db = join(temporaryFolder(), 'trials.db');
  const store = openStore(db);
  for (const layer of layers)
    tuned(store, { problem: layer, target: targetName(target), machine: machine().name, ...change });
  store.close();
  return db;
}

test('verify runs the winners of a database, and times a sample of them beside the copy', async () => {
  const backward = problem({ ...LAYERS[0]!, op: 'backward' });
  const db = database([...LAYERS, backward]);
  const { exit, stdout } = await cli('library', 'verify', db, '--sample', '2', '--json');
  const { kernels, ...sum } = JSON.parse(stdout);
  expect(exit).toBe(0);
  expect(sum).toMatchObject({ db, ok: true, run: 3, notRun: 0 });
  expect(kernels.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['ok', 'ok', 'ok']);
  const timed = kernels.filter(({ ratios }: { ratios?: unknown }) => ratios);
  expect(timed).toHaveLength(2);
  for (const { ratios } of timed) expect(ratios).toEqual({ recorded: 2, now: expect.any(Number) }); // 10 us, and 5 us of the copy
  const { stdout: table } = await cli('library', 'verify', db, '--sample', '1');
  expect(table).toMatch(/^kernel +verdict +to copy then +now$/m);
  expect(table).toMatch(/ ok +relative error \S+ +2\.00 x +\d+\.\d\d x$/m);
});

test('verify times nothing again if it is told so, and nothing but verify does', async () => {
  const { stdout } = await cli('library', 'verify', database(), '--sample', '0', '--json');
  expect(JSON.parse(stdout).kernels.every((one: object) => !('ratios' in one))).toBe(true);
  const { exit, stderr } = await cli('library', 'list', '--sample', '2');
  expect([exit, stderr]).toEqual([
    2,
    expect.stringContaining("'--sample': library times kernels again with"),
  ]);
});

test('verify says of winners whose text the generator has changed that they are stale', async () => {
  const db = database();
  const store = openStore(db);
  const { trial } = store.winners()[0]!;
  store.begin(RUN).record({ ...trial, sourceHash: 'of another text', outcome: took(0.1) });
  store
    .begin(RUN)
    .recordFinal([{ key: { ...trial, sourceHash: 'of another text' }, measurement: timing(1) }], timing(5));
  store.close();
  const { exit, stdout } = await cli('library', 'verify', db, '--json');
  const verdicts = JSON.parse(stdout).kernels.map(({ verdict }: { verdict: string }) => verdict);
  expect({ exit, verdicts: verdicts.toSorted() }).toEqual({ exit: 0, verdicts: ['ok', 'stale'] });
  const listed = JSON.parse((await cli('library', 'list', '--db', db, '--json')).stdout);
  const reasons = listed.winners.map(({ stale }: { stale: string[] }) => stale[0]);
  expect(reasons.filter((one: string) => one === 'the generator writes another text')).toHaveLength(1);
  expect(listed.winners).toHaveLength(3);
});

test('list says which winners are stale, and why', async () => {
  const db = database(LAYERS, { machine: 'another' });
  const { stdout } = await cli('library', 'list', '--db', db);
  expect(stdout).toMatch(/^problem +schedule +time +machine +stale$/m);
  expect(stdout.match(/another, 1 thread +measured on another machine$/gm)).toHaveLength(2);
  const here = JSON.parse((await cli('library', 'list', '--db', database(), '--json')).stdout);
  expect(here.winners[0].stale[0]).toMatch(/^compiled by a compiler, and here is /);
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
  expect([exit, stdout]).toEqual([0, '1 trial taken over, 0 were there already\n']);
});

test('import takes several files, and tells what was made in more than one', async () => {
  const folder = temporaryFolder();
  const files = await Promise.all(
    [50, 60].map(async (time) => {
      const [db, file] = [`${time}.db`, `${time}.json`].map((name) => join(folder, name));
      const store = openStore(db!);
      const session = store.begin(RUN);
      session.record(trialReport(trialKey(7), took(time)));
      session.record(trialReport(trialKey(time), took(time)));
      store.close();
      await cli('library', 'export', file!, '--db', db!);
      return file!;
    }),
  );
  const db = join(folder, 'all.db');
  const { exit, stdout } = await cli('library', 'import', ...files, '--db', db);
  expect([exit, stdout.trimEnd().split('\n')]).toEqual([
    0,
    [
      '3 trials taken over, 0 were there already',
      '1 trial had been made in both, with other results; those that were here stay:',
      `  ${trialKey(7).kernel}: 50 us here, 60 us there`,
    ],
  ]);
  const again = JSON.parse((await cli('library', 'import', ...files, '--db', db, '--json')).stdout);
  expect(again).toMatchObject({
    trials: 0,
    known: 3,
    conflicts: [{ here: { median: 50 }, there: { median: 60 } }],
  });
});

test.each([
  [['list', 'a'], "'a': library list takes no file or folder"],
  [['publish', 'a', '--out', 'b'], "'a': library publish takes no file or folder"],
  [['export', 'a', 'b'], "'b': library export takes one file or folder"],
])('%j is refused: it takes no such file', async (args, line) => {
  const { exit, stderr } = await cli('library', ...args);
  expect([exit, stderr.includes(line)]).toEqual([2, true]);
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

test.each(['list', 'verify', 'refresh', 'export trials.json', 'import trials.json'])(
  'library %s refuses --out, which it would not write to',
  async (action) => {
    const out = join(temporaryFolder(), 'kernels');
    const { exit, stdout, stderr } = await cli('library', ...action.split(' '), '--out', out);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(
      /^oriented1d: '--out': library writes into a folder with the action publish only; [^\n]*\n$/,
    );
    expect(existsSync(out)).toBe(false);
  },
);
