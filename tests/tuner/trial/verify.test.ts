import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ELEMENT_TOLERANCE, TOLERANCE, verdict } from '../../../tuner/trial/verify.js';

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
