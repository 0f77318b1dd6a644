import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readProblems } from '../../cli/problem_file.js';
import { problem } from '../../generator/problem.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const LAYER = { height: 9, width: 9, kernel: 3, angles: [0, 90], channels: 16 };

function file(content: unknown): string {
  const path = join(temporaryFolder(), 'problems.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('a file holds problems, and says what it does not leave to others', () => {
  const full = { ...LAYER, op: 'dgrad', layout: 'nchw', dtype: 'f16', stride: 2, batch: 3 } as const;
  expect(readProblems(file([full, LAYER]), 8)).toEqual([problem(full), problem({ ...LAYER, batch: 8 })]);
});

test.each<[string, unknown, RegExp]>([
  ['text', '[{', /a file of problems is a JSON array, and this is no JSON: /],
  ['no array', LAYER, /: must be an array/],
  ['nothing', [], /: it holds no problem/],
  [
    'an even kernel',
    [LAYER, { ...LAYER, kernel: 4 }],
    /: problem 1, kernel: the kernel length K must be odd/,
  ],
  ['a text for a number', [{ ...LAYER, height: '9' }], /: problem 0, height: must be a number/],
  ['a height of 0', [{ ...LAYER, height: 0 }], /: problem 0, height: height must be a whole number from 1/],
  ['half a stride', [{ ...LAYER, stride: 0.5 }], /: problem 0, stride: stride must be a whole number/],
  [
    'no angles',
    [{ ...LAYER, angles: [] }],
    /: problem 0, angles: a layer needs a list of at least one angle/,
  ],
  ['an angle that is none', [{ ...LAYER, angles: [0, null] }], /: problem 0, angles, 1: must be a number/],
  [
    'an angle beyond float32',
    [{ ...LAYER, angles: [1e300] }],
    /: problem 0, angles: an angle must be a finite/,
  ],
  [
    'an angle too many',
    [{ ...LAYER, channels: 1 }],
    /: problem 0, angles: 2 angles are spread over 1 channel,/,
  ],
  [
    'another operation',
    [{ ...LAYER, op: 'sum' }],
    /: problem 0, op: must be one of fprop, dgrad, wgrad, backward/,
  ],
  ['a field of its own', [{ ...LAYER, size: '9x9' }], /: problem 0: has 'size', which is none of its fields/],
  ['a missing field', [{ height: 9 }], /: problem 0, width: is missing/],
])('%s is refused in a line that names file, problem, field and rule', async (_, content, rule) => {
  const { exit, stdout, stderr } = await cli('tune', file(content), '--dry-run');
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(stderr).toMatch(/^oriented1d: '[^\n]*problems\.json': [^\n]*\n$/);
  expect(stderr).toMatch(rule);
});

test('a file that is not there is refused', async () => {
  const { exit, stderr } = await cli('tune', 'absent.json', '--dry-run');
  expect([exit, stderr]).toEqual([
    2,
    "oriented1d: 'absent.json': this file of problems cannot be read: no such file or directory; name a file that can be, or a preset without .json\n",
  ]);
});

test('problems that come twice are counted once, and one may stand beside presets', async () => {
  const db = join(temporaryFolder(), 'absent.db');
  const twice = file([LAYER, LAYER, { ...LAYER, batch: 1 }, { ...LAYER, batch: 2 }]);
  const { stdout } = await cli('tune', twice, 'stage4', '--dry-run', '--json', '--db', db);
  const { problems } = JSON.parse(stdout) as { problems: { problem: string }[] };
  expect(problems.map((one) => one.problem).slice(0, 2)).toEqual([
    'fprop_nhwc_f32_9x9_s1_k3_a0_90_c16_n1',
    'fprop_nhwc_f32_9x9_s1_k3_a0_90_c16_n2',
  ]);
  expect(problems).toHaveLength(2 + 4);
});

test('options that describe a problem do not go with a file', async () => {
  for (const flag of ['--layout nchw', '--image 64x64', '--channels 8']) {
    const { exit, stderr } = await cli('tune', file([LAYER]), ...flag.split(' '), '--dry-run');
    expect([exit, stderr.includes('a preset has its own problems')], flag).toEqual([2, true]);
  }
});

test('a file may begin with a byte order mark', () => {
  const path = file([LAYER]);
  writeFileSync(path, `\uFEFF${JSON.stringify([LAYER])}`);
  expect(readProblems(path, 2)).toEqual([problem({ ...LAYER, batch: 2 })]);
});

test('what a problem says of itself stays, with a word on options that it does not follow', async () => {
  const path = file([LAYER, { ...LAYER, batch: 3 }, { ...LAYER, op: 'wgrad', batch: 2 }]);
  const names = async (...args: string[]) => {
    const { stdout, stderr } = await cli('tune', path, '--dry-run', '--json', '--db', 'absent.db', ...args);
    const { problems } = JSON.parse(stdout) as { problems: { problem: string }[] };
    return { problems: problems.map((one) => one.problem), stderr };
  };
  const given = await names('--batch', '2', '--op', 'backward');
  expect(given.problems.map((name) => [name.split('_')[0], name.split('_').at(-1)])).toEqual([
    ['backward', 'n2'],
    ['backward', 'n3'],
    ['wgrad', 'n2'],
  ]);
  expect(given.stderr).toContain(
    'problems.json: 1 problem with a batch of their own, whatever --batch says\n',
  );
  expect(given.stderr).toContain('problems.json: 1 problem with an op of their own, whatever --op says\n');
  expect((await names()).stderr).not.toContain('of their own');
});

test('an empty share says that there are fewer problems than shares', async () => {
  const asked = ['table5', 'stem', '--dry-run', '--json', '--db', 'absent.db', '--shard'];
  const { exit, stdout, stderr } = await cli('tune', ...asked, '30/40');
  expect([exit, JSON.parse(stdout)]).toMatchObject([0, { problems: [] }]);
  expect(stderr).toContain(
    'share 30 of 40 is empty: 20 problems, dealt out one by one, only reach the first 20 shares',
  );
  expect((await cli('tune', ...asked, '20/40')).stderr).not.toContain('is empty');
});
