import { constants } from 'node:buffer';
import { expect, it } from 'vitest';
import { DeviceError } from '../../runtime/errors.js';
import { dimensions, requireFloats, tensor } from '../../runtime/tensor.js';

it('a tensor holds zeros', () => {
  expect(tensor(3)).toEqual(new Float32Array(3));
  expect(() => tensor(-1)).toThrow(DeviceError);
  expect(() => tensor(1.5)).toThrow(/whole number/);
});

it.each([2 ** 40, 2 ** 50, Number.MAX_SAFE_INTEGER])('a tensor of %d floats finds no memory', (length) => {
  expect(() => tensor(length)).toThrow(
    expect.objectContaining({ code: 'tensor-memory', value: length, fault: 'system' }),
  );
  expect(() => tensor(length)).toThrow(DeviceError);
});

it('dimensions follow the layout', () => {
  const sizes = { batch: 2, channels: 3, height: 4, width: 5 };
  expect(dimensions({ ...sizes, layout: 'nchw' })).toEqual([2, 3, 4, 5]);
  expect(dimensions({ ...sizes, layout: 'nhwc' })).toEqual([2, 4, 5, 3]);
});

it('says what was passed and what was wanted', () => {
  const refusal = (value: unknown) => () => requireFloats('input', value, [2, 3]);
  expect(refusal(new Float32Array(6))).not.toThrow();
  expect(refusal(new Float32Array(new SharedArrayBuffer(24)))).not.toThrow();
  expect(refusal(new Float32Array(5))).toThrow(
    "'Float32Array(5)': input must be a Float32Array of 6 elements, [2, 3]; pass input in that form",
  );
  expect(refusal(new Float64Array(6))).toThrow("'Float64Array': input must be a Float32Array of 6 elements");
  expect(refusal(undefined)).toThrow("'undefined': input must be");
  // Memory of a resizable buffer may go away under a running kernel.
  const resizable = Reflect.construct(ArrayBuffer, [24, { maxByteLength: 48 }]) as ArrayBuffer;
  expect(refusal(new Float32Array(resizable, 0, 6))).toThrow(/fixed size/);
});

it('refuses more floats than an array can have, and goes on', () => {
  const most = constants.MAX_LENGTH / 4;
  expect(() => tensor(most + 1)).toThrow(/at most \d+ floats|not so much is left/);
  expect(tensor(4)).toHaveLength(4);
});
