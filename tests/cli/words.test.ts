import { expect, test } from 'vitest';
import { counted, microseconds, timing } from '../../cli/words.js';

test('one is no plural', () => {
  expect([0, 1, 2].map((count) => counted(count, 'kernel'))).toEqual(['0 kernels', '1 kernel', '2 kernels']);
});

test('a time keeps three digits, whatever its size, and its microseconds', () => {
  expect([0.041_87, 0.4187, 4.187, 41.87, 99.97, 418.7, 41_870.4].map(microseconds)).toEqual([
    '0.0419 us',
    '0.419 us',
    '4.19 us',
    '41.9 us',
    '100 us',
    '419 us',
    '41870 us',
  ]);
});

test('a timing has its spread in percent', () => {
  expect(timing({ median: 0.42, spread: 0.034 })).toBe('0.42 us +-3 %');
});
