import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readmeWithResults } from '../../bench/readme.js';
import { packagePath } from '../../generator/package.js';

it('README.md says what bench/results/ measured; `npm run readme` writes it', () => {
  expect(readFileSync(packagePath('README.md'), 'utf8')).toBe(readmeWithResults());
});
