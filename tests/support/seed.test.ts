import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEED, seedFrom } from './seed.js';

test('properties are drawn from the same seed in every run, unless the environment gives another', () => {
  expect(seedFrom({})).toBe(SEED);
  expect(seedFrom({ ORIENTED1D_SEED: '' })).toBe(SEED);
  expect(seedFrom({ ORIENTED1D_SEED: '-7' })).toBe(-7);
  expect(fc.readConfigureGlobal().seed).toBe(seedFrom(process.env));
});

test.each(['x', '1.5', '4294967296'])('refused: a seed of %s', (text) =>
  expect(() => seedFrom({ ORIENTED1D_SEED: text })).toThrow(
    `'${text}': $ORIENTED1D_SEED is what properties are drawn from, a whole number of 32 bits; `,
  ),
);

test('a property draws the same values each time it is checked, and one that fails tells the seed', () => {
  const drawn = () => {
    const values: number[] = [];
    fc.assert(fc.property(fc.integer(), (value) => void values.push(value)));
    return values;
  };
  expect(drawn()).toEqual(drawn());
  expect(() => fc.assert(fc.property(fc.integer(), () => false))).toThrow(`seed: ${seedFrom(process.env)}`);
});

test('a property with a seed of its own keeps it', () => {
  expect(() =>
    fc.assert(
      fc.property(fc.integer(), () => false),
      { seed: 3 },
    ),
  ).toThrow('seed: 3');
});
