import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

vi.mock('../../runtime/cuda/device.js', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  cudaDeviceCount: () => 0,
}));

const LAYER = '--size 9x9 --kernel 3 --angles 0 --channels 16 --target cpu:plain --threads 1'.split(' ');

test('a dry run says what would be tuned, and leaves no database', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  const { exit, stdout, stderr } = await cli('tune', ...LAYER, '--db', db, '--budget', '2m', '--dry-run');
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  const [head, row, sum] = stdout.trimEnd().split('\n');
  expect(head).toMatch(/^problem +candidates +tried +tuned +at most$/);
  expect(row).toMatch(/^nhwc 9x9 K=3 0° C=16 N=1 +\d+ +0 +- +120 s$/);
  expect(sum).toMatch(
    /^1 problem, 0 tuned already; \d+ candidates to try in at most 120 s on cpu:plain, 1 thread$/,
  );
  expect(existsSync(db)).toBe(false);
});

test('after a tuning it says so', async () => {
  const db = join(temporaryFolder(), 'trials.db');
  expect(await cli('tune', ...LAYER, '--db', db, '--budget', '0.1s')).toMatchObject({ exit: 0 });
  const { stdout } = await cli('tune', ...LAYER, '--db', db, '--dry-run', '--json');
  const { target, seconds, problems } = JSON.parse(stdout);
  expect({ target, seconds }).toEqual({ target: 'cpu:plain', seconds: 0 });
  expect(problems).toEqual([
    {
      problem: 'fprop_nhwc_f32_9x9_s1_k3_a0_c16_n1',
      candidates: expect.any(Number),
      tried: expect.any(Number),
      tuned: true,
      seconds: 0,
    },
  ]);
  expect(problems[0].tried).toBeGreaterThan(0);
});

test('work for GPUs is planned where there is none', async () => {
  const db = join(temporaryFolder(), 'absent.db');
  const args = 'tiny:1d --image 64x64 --batch 8 --target cuda --gpus 0,1 --shard 1/5 --dry-run --json'.split(
    ' ',
  );
  const { exit, stdout, stderr } = await cli('tune', ...args, '--budget', '100s', '--db', db);
  expect([exit, stderr]).toEqual([
    0,
    'no GPU is to be seen here: trials of all GPUs of this architecture count as made\n',
  ]);
  const { target, problems } = JSON.parse(stdout);
  expect(target).toBe('cuda:sm_90');
  expect(problems).toHaveLength(2);
  expect(problems.map(({ seconds }: { seconds: number }) => seconds)).toEqual([100, 100]);
  for (const { candidates } of problems) expect(candidates).toBeGreaterThan(1);
});

test('what cannot be tuned is refused by a dry run, too', async () => {
  const huge = '--size 99999x99999 --kernel 3 --angles 0 --channels 64 --batch 999 --dry-run'.split(' ');
  expect(await cli('tune', ...huge)).toMatchObject({ exit: 2, stderr: expect.stringContaining('--size') });
  expect(await cli('tune', 'tiny:3d', '--dry-run')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('a preset is one of table5'),
  });
});
