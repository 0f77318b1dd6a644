import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../templates/cuda');
const TEMPLATES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.hbs'),
);

/**
 * What NVRTC takes for functions of the host, and refuses: nvcc, which compiles what the library ships, does not. A generic lambda is a
 * template without a word of where it runs, and so is a constexpr function that has none.
 */
const OF_THE_HOST: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a generic lambda', /\[[&=]?\]\s*\([^)]*\bauto\b/],
  ['a function without __device__', /^\s*(static )?constexpr [\w:<> ]+ \w+\(/],
];

it.each(OF_THE_HOST)('no CUDA template has %s', (_, pattern) => {
  const found = TEMPLATES.flatMap((file) =>
    readFileSync(join(FOLDER, file), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

it('knows them', () => {
  const [generic, bare] = OF_THE_HOST.map(([, pattern]) => pattern);
  expect('const auto walk = [&](const auto& between) {').toMatch(generic!);
  expect('const auto go = [&](int task) {').not.toMatch(generic!);
  expect('constexpr int turns_of(int rows) {').toMatch(bare!);
  expect('__device__ constexpr int turns_of(int rows) {').not.toMatch(bare!);
});
