import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest leaves a core idle unless told otherwise, which is half of a machine with two.
    maxWorkers: availableParallelism(),
  },
});
