import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readmeWithResults } from '../../bench/readme.js';
import { packagePath } from '../../generator/package.js';

const README = readFileSync(packagePath('README.md'), 'utf8');

it('README.md says what bench/results/ measured; `npm run readme` writes it', () => {
  expect(README).toBe(readmeWithResults());
});

it('README.md names files that are there', () => {
  const paths = README.match(/(?:generated|bench|examples|docs)\/[\w./-]*\w/g) ?? [];
  expect(paths.filter((path) => path.endsWith('.cpp'))).toHaveLength(1);
  expect(paths.filter((path) => !existsSync(packagePath(path)))).toEqual([]);
});
