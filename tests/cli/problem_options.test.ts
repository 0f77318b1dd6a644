import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addProblemOptions, problemFrom } from '../../cli/problem_options.js';
import { problem } from '../../generator/problem.js';

function parsed(...argv: readonly string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addProblemOptions(command);
  return problemFrom(command.parse(argv, { from: 'user' }).opts());
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
