import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const LAYER =
  '--target cpu:plain --threads 1 --size 6x6 --kernels 3 --channels 16 --batch 1 --directions together'.split(
    ' ',
  );

test('bench layers --known times kernels without tuning, and says where they are from', async () => {
  const folder = temporaryFolder();
  const [db, save] = [join(folder, 'trials.db'), join(folder, 'out.json')];
  const asked = ['bench', 'layers', ...LAYER, '--known', '--peers', 'none', '--db', db];
  const { exit, stdout } = await cli(...asked, '--save', save, '--json');
  const { results } = JSON.parse(stdout) as {
    results: { kernel: string; origin: string; ours: { median: number } }[];
  };
  // No such layer was ever measured.
  expect([exit, results.map(({ origin }) => origin)]).toEqual([0, ['default']]);
  expect(results[0]!.kernel).toMatch(/^fprop_nhwc_f32_6x6_s1_k3_/);
  expect(results[0]!.ours.median).toBeGreaterThan(0);
  expect(JSON.parse(readFileSync(save, 'utf8')).results).toHaveLength(1);
  expect(existsSync(db)).toBe(false);
}, 120_000);

test('what bench layers tunes, it then knows', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  const asked = ['bench', 'layers', ...LAYER, '--peers', 'none', '--db', db, '--json'];
  const origins = async (...more: string[]) => {
    const { exit, stdout } = await cli(...asked, ...more);
    const { results } = JSON.parse(stdout) as { results: { kernel: string; origin: string }[] };
    return [exit, results.map(({ kernel, origin }) => [kernel, origin])];
  };
  const tuned = await origins('--budget', '1s');
  expect(tuned).toMatchObject([0, [[expect.any(String), 'tuned']]]);
  expect(await origins('--known')).toEqual(tuned);
}, 240_000);

test('bench layers refuses a budget for tuning nothing', async () => {
  const { exit, stdout, stderr } = await cli('bench', 'layers', ...LAYER, '--known', '--budget', '1s');
  expect([exit, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^oriented1d: '--budget': with --known nothing is tuned, .*; leave out one of both\n$/,
  );
});
