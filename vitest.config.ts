import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { packagePath } from './generator/package.js';
import { LongestFirst } from './tests/support/longest_first.js';

/** In the tests of commands: of those that are here not, some change the environment, and sharp draws no SVG once images were decoded. */
const CLI_APART =
  'bench_file|bench_models|bench_table5*|conv|demo|device|doctor|eval|filter|gpus|image|interruption|library|main|more_threads|planning|publish*|report_files|shards|sheet|smooth|table5_timing|tap_svg|tuning|verifying_gpu';

/**
 * Tests that leave nothing behind in their process, so that one serves file after file: to start another and to load all that
 * is tested takes a second. Here belongs no file that mocks a module or changes the environment.
 */
const PURE = [
  'tests/bench/models/*.test.ts',
  'tests/bench/table5/page/*.test.ts',
  'tests/bench/table5/!(cuda_stage|peers|torch_steps).test.ts',
  'tests/bench/!(cuda_stage|peer).test.ts',
  `tests/cli/!(${CLI_APART}).test.ts`,
  'tests/emulated/*.test.ts',
  'tests/generator/{families,operations}/**/*.test.ts',
  'tests/generator/library/!(index_file|publish|replace_failure).test.ts',
  'tests/generator/!(folder).test.ts',
  'tests/rejected/!(conv).test.ts',
  'tests/runtime/{convnext,image,weights}/*.test.ts',
  'tests/runtime/tasks/!(image_folder).test.ts',
  'tests/runtime/plan/*.test.ts',
  'tests/runtime/!(addon|cache|compiler|dispatch|interrupted|model).test.ts',
  'tests/support/*.test.ts',
  'tests/tuner/{measure,report,rig,search}/*.test.ts',
  'tests/tuner/store/!(create|processes|reading).test.ts',
  'tests/tuner/trial/!(cuda_workload|laboratory).test.ts',
  'tests/tuner/{budget,final,hand_out,harvest,plan,presets,random,shard,staleness}.test.ts',
];

/** Where tests keep compiled kernels from run to run: a user's own cache is not theirs to write. */
const CACHE = packagePath('node_modules', '.cache', 'oriented1d');

export default defineConfig({
  test: {
    globalSetup: 'tests/support/global_setup.ts',
    setupFiles: 'tests/support/setup.ts',
    env: { ORIENTED1D_CACHE: CACHE },
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
