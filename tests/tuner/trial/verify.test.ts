import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problem } from '../../../generator/problem.js';
import { tensorsOf } from '../../../tuner/trial/tensors.js';
import {
  differing,
  ELEMENT_TOLERANCE,
  TOLERANCE,
  together,
  unsteady,
  verdict,
} from '../../../tuner/trial/verify.js';

const ELEMENTS = 1000;

/** A reference of some images, and an output of `batch` that repeats it exactly, rounded to float32. */
function sound(images: number, batch: number) {
  const reference = Float64Array.from({ length: images * ELEMENTS }, (_, i) => Math.sin(i) * 3);
  const output = Float32Array.from({ length: batch * ELEMENTS }, (_, i) => reference[i % reference.length]!);
  return { reference, output };
}

describe('verdict', () => {
  test.each([
    [1, 1],
    [2, 2],
    [2, 3],
    [2, 7],
  ])('finds %i images in a batch of %i right', (images, batch) => {
    const { reference, output } = sound(images, batch);
    const { reason, relativeError } = verdict(output, reference, images);
    expect(reason).toBeUndefined();
    expect(relativeError).toBeGreaterThan(0);
    expect(relativeError).toBeLessThan(6e-8);
  });

  test('is relative to the norm', () => {
    const { reference, output } = sound(1, 1);
    const scaled = output.map((value) => value * (1 + 2 * TOLERANCE));
    const { reason, relativeError } = verdict(scaled, reference, 1);
    expect(relativeError).toBeCloseTo(2 * TOLERANCE, 6);
    expect(reason).toMatch(/^relative error 2\.0e-5 is larger than 0\.00001$/);
  });

  test('does not let one wrong element hide in the norm', () => {
    const { reference, output } = sound(1, 1);
    output[17]! += 3 * 6 * TOLERANCE;
    const { reason, relativeError } = verdict(output, reference, 1);
    expect(relativeError).toBeLessThan(TOLERANCE);
    expect(reason).toMatch(/^element 17 is off by 6\.\de-5 of the largest value, more than 0\.00004$/);
    output[17]! = reference[17]! + 3 * 0.5 * ELEMENT_TOLERANCE;
    expect(verdict(output, reference, 1).reason).toBeUndefined();
  });

  test('finds a single bit that differs in a later image', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2 * ELEMENTS, max: 7 * ELEMENTS - 1 }), (at) => {
        const { reference, output } = sound(2, 7);
        new Uint32Array(output.buffer)[at]! ^= 1;
        const image = Math.floor(at / ELEMENTS);
        expect(verdict(output, reference, 2).reason).toBe(
          `image ${image} is not the same as image ${image % 2}, and their inputs are equal`,
        );
      }),
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('finds %d wherever it is', (value) => {
    for (const at of [0, 1500, 4999]) {
      const { reference, output } = sound(2, 5);
      output[at] = value;
      expect(verdict(output, reference, 2).reason).toBe(`element ${at} was not written, or is not finite`);
    }
  });

  test('holds a reference of zeros against what is there', () => {
    expect(verdict(new Float32Array(4), new Float64Array(4), 1).reason).toBeUndefined();
    expect(verdict(Float32Array.of(0, 1, 0, 0), new Float64Array(4), 1).reason).toMatch(/relative error/);
  });
});

describe('several outputs', () => {
  const right = (symbol: string, relativeError: number) => ({ symbol, relativeError, reason: undefined });

  test('are right together, and off by as much as the worst', () => {
    expect(together([right('dx', 1e-7), right('dw', 3e-6)])).toEqual({
      relativeError: 3e-6,
      reason: undefined,
    });
  });

  test('are wrong if one is, by its name', () => {
    const wrong = { symbol: 'dw', relativeError: Number.NaN, reason: 'element 3 was not written' };
    expect(together([right('dx', 1e-7), wrong])).toEqual({
      relativeError: Number.NaN,
      reason: 'dw: element 3 was not written',
    });
    expect(together([wrong]).reason).toBe('element 3 was not written');
  });

  test('are named where a second run disagrees', () => {
    const written = (op: 'fprop' | 'backward') =>
      tensorsOf(problem({ op, height: 3, width: 3, kernel: 3, angles: [0] })).written;
    const [dx, dw] = written('backward');
    expect(unsteady(dx!, 2, 3)).toBe('dx: a second run of the same input gave other bits, first in image 2');
    expect(unsteady(dw!, 0, 3)).toBe('dw: a second run of the same input gave other bits');
    expect(unsteady(written('fprop')[0]!, 2, 1)).toBe(
      'a second run of the same input gave other bits, first in image 2',
    );
  });
});

describe('differing', () => {
  test('finds the image of the first bit that is another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3999 }), (at) => {
        const one = sound(1, 4).output;
        const other = one.slice();
        expect(differing(one, other, ELEMENTS)).toBeUndefined();
        new Uint32Array(other.buffer)[at]! ^= 1;
        expect(differing(one, other, ELEMENTS)).toBe(Math.floor(at / ELEMENTS));
      }),
    );
  });

  test('tells zeros of different signs apart', () => {
    expect(differing(Float32Array.of(1, 0), Float32Array.of(1, -0), 1)).toBe(1);
  });
});
