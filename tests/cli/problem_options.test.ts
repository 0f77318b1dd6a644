import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import {
  addProblemOptions,
  askedProblems,
  computedProblems,
  distinct,
  type ProblemOptions,
  problemFrom,
} from '../../cli/problem_options.js';
import type { Ui } from '../../cli/ui.js';
import { problemName } from '../../generator/name.js';
import { OPS, problem } from '../../generator/problem.js';
import { preset } from '../../tuner/presets.js';
import { temporaryFolder } from '../support/temporary_folder.js';

function options(...argv: readonly string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addProblemOptions(command);
  return command.parse(argv, { from: 'user' }).opts<ProblemOptions>();
}

function parsed(...argv: readonly string[]) {
  return problemFrom(options(...argv));
}

test('every flag reaches the problem', () => {
  const flags =
    '--op dgrad --layout nchw --dtype f16 --size 14x28 --stride 2 --kernel 7 --batch 4 --channels 16';
  expect(parsed(...flags.split(' '), '--angles', '-45,22.5')).toEqual(
    problem({
      op: 'dgrad',
      layout: 'nchw',
      dtype: 'f16',
      height: 14,
      width: 28,
      stride: 2,
      kernel: 7,
      angles: [-45, 22.5],
      batch: 4,
      channels: 16,
    }),
  );
});

test('what is left out is what problem() leaves out', () => {
  expect(parsed('--size', '5x6', '--kernel', '3', '--angles', '0')).toEqual(
    problem({ height: 5, width: 6, kernel: 3, angles: [0] }),
  );
});

test('no problem at all is no mistake; half of one is', () => {
  expect(parsed()).toBeUndefined();
  expect(parsed('--batch', '8')).toBeUndefined();
  expect(() => parsed('--kernel', '3', '--angles', '0')).toThrow(
    "'--size': a problem needs --size, --kernel",
  );
  expect(() => parsed('--size', '5x5', '--angles', '0')).toThrow("'--kernel': a problem needs");
  expect(() => parsed('--size', '5x5', '--kernel', '3')).toThrow("'--angles': a problem needs");
});

test('wrong values are refused', () => {
  expect(() => parsed('--size', '5')).toThrow('a size is HxW');
  expect(() => parsed('--size', '0x5', '--kernel', '3', '--angles', '0')).toThrow('height must be');
  expect(() => parsed('--kernel', '4')).toThrow('must be odd');
  expect(() => parsed('--layout', 'chwn')).toThrow('Allowed choices are nchw, nhwc');
});

test('presets or a problem are asked for, each problem once', () => {
  const table5 = askedProblems(options('--batch', '2'), ['table5']);
  expect(table5).toEqual(preset('table5', 2));
  expect(askedProblems(options('--batch', '2'), ['table5', 'table5'])).toEqual(table5);
  const [first] = table5;
  const flags = `--size 14x14 --kernel 7 --angles ${first!.angles} --channels 512 --batch 2`.split(' ');
  expect(askedProblems(options(...flags), [])).toEqual([first]);
});

test("a model's preset takes the size of its images and a layout, and nothing else does", () => {
  const given = options('--image', '64x96', '--layout', 'nchw', '--batch', '2');
  const image = { height: 64, width: 96 };
  const [first] = askedProblems(given, ['tiny:1d']);
  expect(first).toMatchObject({ ...image, layout: 'nchw', batch: 2 });
  expect(askedProblems(given, ['tiny:1d', 'base:1d'])).toHaveLength(18); // the stems are the same
  for (const names of [['table5'], ['tiny:1d', 'stem']])
    for (const flag of ['--image 64x96', '--layout nchw'])
      expect(() => askedProblems(options(...flag.split(' ')), names), flag).toThrow(/its own problems/);
  expect(() => askedProblems(options('--image', '64x96'), [])).toThrow(
    "'--image': it is the size of a model's images",
  );
  expect(() => askedProblems(options('--size', '64x96'), ['tiny:1d'])).toThrow(/leave --size out/);
});

test('a problem is tuned as the one that it is computed as, and said so', () => {
  const layer = { height: 5, width: 6, kernel: 3, angles: [0] };
  const [forward, backward, strided] = [
    problem(layer),
    problem({ ...layer, op: 'dgrad' }),
    problem({ ...layer, op: 'dgrad', stride: 2 }),
  ];
  const notes: string[] = [];
  const ui = { note: (line: string) => notes.push(line) } as unknown as Ui;
  expect(computedProblems([backward!, strided!, forward!], ui)).toEqual([forward, strided]);
  expect(notes).toEqual([
    'dgrad_nhwc_f32_5x6_s1_k3_a0_c1_n1 is computed as fprop_nhwc_f32_5x6_s1_k3_a0_c1_n1, with reversed weights',
  ]);
});

test('what a preset decides itself is not overlooked', () => {
  for (const flag of ['--layout nchw', '--dtype f16', '--stride 2', '--channels 8'])
    expect(() => askedProblems(options(...flag.split(' ')), ['table5']), flag).toThrow(/but --batch/);
});

test.each(OPS)('presets and files take --op %s', (op) => {
  const found = askedProblems(options('--batch', '2', '--op', op), ['table5', 'tiny:1d']);
  const expected = ['table5', 'tiny:1d'].flatMap((name) => preset(name, 2));
  expect(found.map((one) => problemName({ ...one, op: 'fprop' }))).toEqual(
    distinct(expected).map(problemName),
  );
  expect(new Set(found.map((one) => one.op))).toEqual(new Set([op]));

  const file = join(temporaryFolder(), 'problems.json');
  const layer = { height: 5, width: 5, kernel: 3, angles: [0] };
  writeFileSync(file, JSON.stringify([layer, { ...layer, op: 'wgrad', kernel: 5 }]));
  expect(askedProblems(options('--op', op), [file]).map((one) => one.op)).toEqual([op, 'wgrad']);
  expect(askedProblems(options(), [file]).map((one) => one.op)).toEqual(['fprop', 'wgrad']);
});

test('an angle without a channel is refused', () => {
  const line = '--size 5x5 --kernel 3 --angles 0,45,90'.split(' ');
  expect(() => parsed(...line)).toThrow("'0,45,90': 3 angles are spread over the channels, and 1 channel");
  expect(() => parsed(...line, '--channels', '2')).toThrow('2 channels cannot hold them all');
  expect(parsed(...line, '--channels', '3')?.channels).toBe(3);
});
