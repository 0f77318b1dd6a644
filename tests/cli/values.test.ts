import fc from 'fast-check';
import { expect, test } from 'vitest';
import { built, degrees, degreesList, duration, extent, glob, kernel, whole } from '../../cli/values.js';

test('degrees are any number whose radians are finite in float32', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1.9e40, max: 1.9e40 }), (value) => {
      expect(degrees(String(value))).toBe(value + 0);
    }),
  );
  expect(Object.is(degrees('-0'), 0)).toBe(true);
  for (const text of ['nan', '', ' ', '1,5', '45deg', 'Infinity', '1e999', '2e40', '0x10', '0b1', '1_0'])
    expect(() => degrees(text)).toThrow(/finite number of degrees/);
});

test('a list of degrees', () => {
  expect(degreesList('0,22.5,-45')).toEqual([0, 22.5, -45]);
  for (const text of ['', '0,', ',0', '0,,1', '0;1', '0,nan'])
    expect(() => degreesList(text), text).toThrow(`'${text}': angles are finite numbers of degrees`);
});

test('a kernel length is odd', () => {
  expect(kernel('31')).toBe(31);
  expect(() => kernel('30')).toThrow('use 29 or 31');
  for (const text of ['0', '-3', '1.5', '4097']) expect(() => kernel(text)).toThrow(/odd whole number/);
  for (const text of ['', 'x', '3 1', '0x1f'])
    expect(() => kernel(text)).toThrow(`'${text}': the kernel length K`);
});

test('a whole number from 1', () => {
  expect(whole('the stride')('3')).toBe(3);
  for (const text of ['0', '-1', '1.5', '', 'x', '1e99', 'NaN', '0x10', '0o7'])
    expect(() => whole('the stride')(text)).toThrow(`'${text}': the stride must be a whole number from 1`);
});

test('a size is height and width', () => {
  expect(extent('56x48')).toEqual({ height: 56, width: 48 });
  for (const text of ['56', '56x', 'x56', '56x48x3', '5.5x5', '-1x5', '56 x 48'])
    expect(() => extent(text)).toThrow(`'${text}': a size is HxW`);
});

test('a choice tells what is unknown from what is yet to come', () => {
  const op = built('the operation', ['fprop'], ['dgrad']);
  expect(op('fprop')).toBe('fprop');
  expect(() => op('dgrad')).toThrow("'dgrad': the operation is known but not built yet; use fprop");
  expect(() => op('x')).toThrow("'x': the operation must be one of fprop, dgrad; use fprop");
});

test('a time is in seconds unless it says otherwise', () => {
  expect(['60', '60s', '1.5m', '2h', '250ms'].map(duration)).toEqual([60, 60, 90, 7200, 0.25]);
  for (const text of ['', '0', '-1s', '5d', 's', '1e3'])
    expect(() => duration(text)).toThrow(`'${text}': a time is a number above 0`);
});

test('numbers are decimal', () => {
  expect(['1', '+1', ' 1 ', '1.', '1.0', '1e0', '10E-1'].map(whole('it'))).toEqual(Array(7).fill(1));
  expect(['.5', '-.5', '5e-1'].map(degrees)).toEqual([0.5, -0.5, 0.5]);
});

test('a pattern of names is one that picomatch takes', () => {
  expect(glob('*_t14_*')).toBe('*_t14_*');
  for (const text of ['', '*'.repeat(70_000)]) expect(() => glob(text)).toThrow(/is no pattern of names: /);
});
