import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Check } from '../../cli/check.js';
import { publishedLibrary } from '../../cli/published.js';
import { parseProblemName } from '../../generator/name.js';
import { VERSION } from '../../generator/package.js';
import { cpuTarget } from '../../generator/target.js';
import * as native from '../../runtime/addon.js';
import { openCpu } from '../../runtime/cpu.js';
import { DeviceError } from '../../runtime/errors.js';
import { cli } from '../support/cli.js';
import { imageFixture } from '../support/image_files.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES } from '../support/weights.js';

vi.mock(import('../../runtime/addon.js'), async (original) => {
  const real = await original();
  return { ...real, addon: vi.fn(real.addon) };
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.mocked(native.addon).mockReset();
});

async function doctor() {
  const { exit, stdout, stderr } = await cli('doctor', '--json');
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: readonly Check[] };
  const named = (name: string) => checks.find((check) => check.name === name)!;
  return { exit, stderr, ok, checks, named };
}

test('looks at all that kernels need', async () => {
  const { exit, stderr, ok, checks, named } = await doctor();
  expect({ exit, stderr, ok }).toEqual({ exit: 0, stderr: '', ok: true });
  const names = [
    'oriented1d',
    'processor',
    'addon',
    'C++ compiler',
    'cache',
    'library',
    'GPU',
    'CUDA compiler',
  ];
  expect(checks.map(({ name }) => name)).toEqual(names);
  expect(named('oriented1d').found).toBe(
    `${VERSION}, Node ${process.version}, ${process.platform}-${process.arch}`,
  );
  const { isa, lanes } = cpuTarget(native.addon().isa());
  expect(named('addon')).toMatchObject({ state: 'fine', found: expect.stringContaining(`${lanes} floats`) });
  expect(named('addon').found).toContain(isa);
  // A machine may have either, and no other state than this.
  expect(named('GPU')).toEqual(
    named('GPU').state === 'fine'
      ? { name: 'GPU', state: 'fine', found: expect.stringMatching(/: sm_\d+, \d+ multiprocessors, /) }
      : {
          name: 'GPU',
          state: 'missing',
          found: expect.stringMatching(/^CUDA: /),
          remedy: expect.stringMatching(/driver|nvidia-smi/),
        },
  );
  expect(named('CUDA compiler').found).toMatch(/^(NVRTC|nvcc) \d|^NVRTC, nvcc: neither is found/);
});

test('a table for people: a mark, a name, what was found, and the way out', async () => {
  vi.stubEnv('CXX', '/none/g++');
  const { exit, stdout } = await cli('doctor');
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^✓ {2}addon +loads; /m);
  expect(stdout).toMatch(/^– {2}C\+\+ compiler +\/none\/g\+\+: \$CXX must name a C\+\+ compiler that runs$/m);
  expect(stdout).toMatch(/^ +→ set CXX to one, or unset it/m);
});

test('without any compiler it tells how to get one, and ends well', async () => {
  vi.stubEnv('CXX', '');
  vi.stubEnv('PATH', temporaryFolder());
  const { exit, named } = await doctor();
  expect(exit).toBe(0);
  expect(named('C++ compiler')).toMatchObject({
    state: 'missing',
    found:
      'g++, c++, clang++: none of them runs, so on a CPU the general kernel does all convolutions, no model runs, and nothing is tuned',
    remedy: expect.stringMatching(/apt-get install g\+\+/),
  });
  const folder = temporaryFolder();
  // As it says. The published library has a kernel for this layer, which would have to be compiled.
  const layer = parseProblemName('fprop_nhwc_f32_14x14_s1_k7_a0i22p5x8_c512');
  const convolution = await openCpu({ threads: 1 }).load(layer, { library: publishedLibrary() });
  const reason = expect.stringMatching(/^no C\+\+ compiler: | on cpu:plain is none of its /);
  expect(convolution.origin).toEqual({ kind: 'general', reason });
  const weights = join(FIXTURES, 'small_2d.pth');
  for (const line of [
    ['classify', imageFixture('wide.png'), '--weights', weights, '--side', '32', '--target', 'cpu'],
    ['tune', '--size', '5x5', '--kernel', '3', '--angles', '0', '--db', join(folder, 'trials.db')],
  ]) {
    const run = await cli(...line);
    expect(run).toMatchObject({ exit: 2, stdout: '' });
    expect(run.stderr).toMatch(/none of \$CXX, g\+\+, c\+\+ and clang\+\+ runs/);
  }
});

test('the cache: how much it holds, or why it cannot', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'cache'));
  writeFileSync(join(folder, 'cache', 'a.so'), Buffer.alloc(3 << 19));
  vi.stubEnv('ORIENTED1D_CACHE', join(folder, 'cache'));
  expect((await doctor()).named('cache').found).toBe(`${join(folder, 'cache')}: 1.5 MiB`);
  symlinkSync('gone', join(folder, 'cache', 'b.so'));
  expect((await doctor()).named('cache').found).toBe(`${join(folder, 'cache')}: 1.5 MiB`);
  const file = join(folder, 'cache', 'a.so');
  for (const [name, value, place] of [
    ['ORIENTED1D_CACHE', file, file],
    ['ORIENTED1D_CACHE', join(file, 'x'), join(file, 'x')],
    ['XDG_CACHE_HOME', file, join(file, 'oriented1d')],
  ] as const) {
    vi.stubEnv('ORIENTED1D_CACHE', '');
    vi.stubEnv(name, value);
    const { exit, named } = await doctor();
    expect(exit).toBe(0);
    expect(named('cache')).toEqual({
      name: 'cache',
      state: 'missing',
      found: `${place}: the cache of compiled kernels is a folder, and a file is in its place or above it`,
      remedy: 'set ORIENTED1D_CACHE to a folder of yours, on a disk with room',
    });
  }
});

test('ends with 1 when the addon does not load, and still tells the rest', async () => {
  vi.mocked(native.addon).mockImplementation(() => {
    throw new DeviceError('system', {
      code: 'addon-load',
      value: 'x.node',
      rule: 'the native addon cannot be loaded: no such module\nRequire stack:\n- /x',
      remedy: 'build it',
    });
  });
  const { exit, ok, checks, named } = await doctor();
  expect({ exit, ok }).toEqual({ exit: 1, ok: false });
  expect(named('addon')).toEqual({
    name: 'addon',
    state: 'broken',
    found: 'x.node: the native addon cannot be loaded: no such module',
    remedy: 'build it',
  });
  expect(checks).toHaveLength(8);
});
