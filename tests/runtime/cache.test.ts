import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cacheFolder } from '../../runtime/cache.js';

it('is what ORIENTED1D_CACHE says, else in XDG_CACHE_HOME, else in the home folder', () => {
  expect(cacheFolder({ ORIENTED1D_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheFolder({ ORIENTED1D_CACHE: '', XDG_CACHE_HOME: '/b' })).toBe('/b/oriented1d');
  expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'oriented1d'));
});

it('is absolute, since a loader looks for bare names elsewhere', () => {
  expect(cacheFolder({ ORIENTED1D_CACHE: 'a' })).toBe(join(process.cwd(), 'a'));
});
