import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longest_first.js';

/** Tests of pure functions: they leave nothing behind in their process, so that one serves file after file. */
const PURE = [
  'tests/generator/{families,operations}/**/*.test.ts',
  'tests/generator/!(folder).test.ts',
  'tests/rejected/!(conv).test.ts',
  'tests/runtime/weights/*.test.ts',
  'tests/tuner/{measure,search}/*.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: 'tests/support/global_setup.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest leaves a core idle unless told otherwise, which is half of a machine with two.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'pure', isolate: false, include: PURE } },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...PURE],
        },
      },
    ],
  },
});
