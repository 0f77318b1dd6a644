import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { GENERAL_FILE, generalKernel } from '../../generator/families/cpp_general.js';
import { publish } from '../../generator/library/publish.js';
import { layerName } from '../../generator/name.js';
import { problem } from '../../generator/problem.js';
import { targetName } from '../../generator/target.js';
import { openCpu } from '../../runtime/cpu.js';
import { renderKernel } from '../../tuner/harvest.js';
import { space } from '../../tuner/space.js';
import { openStore } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { PROVENANCE } from '../support/published_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';

afterEach(() => vi.unstubAllEnvs());

const { target } = openCpu();
const LAYERS = [7, 9].map((size) =>
  problem({ height: size, width: size, kernel: 3, angles: [0], channels: 16 }),
);

/** Kernels that this machine runs, as they would be published had they been tuned. */
function library(extras: Readonly<Record<string, string>> = {}): string {
  const folder = join(temporaryFolder(), 'library');
  const kernels = LAYERS.map((layer) => {
    const names = { name: space(layer, target).candidates[0]!.name, target: targetName(target) };
    return { entry: { ...names, layer: layerName(layer), provenance: PROVENANCE }, ...renderKernel(names) };
  });
  publish({ folder, command: 'oriented1d library refresh DIR', kernels, extras });
  return folder;
}

test('verify finds every kernel of a library right', async () => {
  const { exit, stdout } = await cli('library', 'verify', library(), '--json');
  const { ok, kernels } = JSON.parse(stdout);
  expect({ exit, ok }).toEqual({ exit: 0, ok: true });
  expect(kernels).toMatchObject([{ verdict: 'ok' }, { verdict: 'ok' }]);
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
  const folder = library({ [GENERAL_FILE]: 'an older text' });
  const link = join(temporaryFolder(), 'link');
  symlinkSync(folder, link);
  expect(await cli('library', 'refresh', link)).toMatchObject({ exit: 0, stderr: '' });
  expect(readFileSync(join(folder, GENERAL_FILE), 'utf8')).toBe(generalKernel());
});

test('list says where there is no winner', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  openStore(db).close();
  expect(await cli('library', 'list', '--db', db)).toMatchObject({
    exit: 0,
    stdout: `no winners in ${db}\n`,
  });
});
