import { expect, test } from 'vitest';
import { grown, lookupTime } from '../../bench/lookup.js';
import { packagePath } from '../../generator/package.js';
import { openLibrary } from '../../runtime/open_library.js';

const library = openLibrary(packagePath('generated'));

test('a library grows by layers of other sizes, and keeps those that it has', () => {
  const own = Object.values(library.kernels);
  const large = grown(library, 1000);
  const layers = Object.values(large.kernels).map(({ layer, target }) => `${target} ${layer}`);
  expect(new Set(layers).size).toBe(1000);
  expect(own.every((entry) => large.find(entry.layer, entry.target) === entry)).toBe(true);
});

test('every look-up finds its kernel, and its time is told', () => {
  const time = lookupTime(library, 5000);
  expect(time).toMatchObject({ entries: Object.keys(library.kernels).length, lookups: 5000 });
  expect(time.mean).toBeGreaterThan(0);
  expect(time.p99).toBeGreaterThan(0);
});
