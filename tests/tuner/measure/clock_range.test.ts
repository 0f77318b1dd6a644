import { expect, test } from 'vitest';
import { clockRange } from '../../../tuner/measure/clock_range.js';

test('a range of clocks spans all readings, and has every reason once', () => {
  const readings = [
    { smMHz: 1980, memoryMHz: 3201, temperature: 40, throttled: [] },
    { smMHz: 1755, memoryMHz: 3201, temperature: 71, throttled: ['thermal', 'power-cap'] as const },
    { smMHz: 1905, memoryMHz: 2619, temperature: 65, throttled: ['power-cap'] as const },
  ];
  expect(clockRange(readings)).toEqual({
    smMHz: { low: 1755, high: 1980 },
    memoryMHz: { low: 2619, high: 3201 },
    temperature: { low: 40, high: 71 },
    throttled: ['power-cap', 'thermal'],
  });
  expect(clockRange([])).toBeUndefined();
});
