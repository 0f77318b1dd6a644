import { type Command, Option } from 'commander';
import { PRESET_NAMES, presetHelp } from '../tuner/presets.js';
import { DEFAULT_SEARCH, SEARCH_NAMES, searchHelp } from '../tuner/search/registry.js';
import { type Shard, shardOf } from '../tuner/shard.js';
import type { CliCommand, Outcome } from './command.js';
import { type Directions, directionsOption, inDirections } from './directions.js';
import { CliError, EXIT } from './errors.js';
import { openDevices } from './gpus.js';
import { planTuning } from './planning.js';
import {
  addProblemOptions,
  askedProblems,
  computedProblems,
  type ProblemOptions,
} from './problem_options.js';
import { addReportOptions, assertReports, type ReportFiles, writeReports } from './report_files.js';
import { DEFAULT_DB } from './store_option.js';
import { assertTunable } from './tunable.js';
import { tunedDocument, tuneTable } from './tune_table.js';
import { runTuning } from './tuning.js';
import { gpuList, shard } from './tuning_values.js';
import { duration, whole } from './values.js';
import { counted } from './words.js';

interface TuneCliOptions extends ReportFiles, ProblemOptions {
  readonly target: string;
  readonly db: string;
  readonly out?: string;
  /** Seconds. */
  readonly budget: number;
  readonly search: string;
  readonly seed: number;
  readonly threads?: number;
  readonly gpus?: readonly number[];
  readonly shard?: Shard;
  readonly more?: true;
  readonly directions?: Directions;
  readonly dryRun?: true;
}

/** `oriented1d tune`: searches for the fastest schedule of each problem. */
export const tune: CliCommand<TuneCliOptions> = {
  define(command: Command): void {
    command.argument(
      '[presets...]',
      `problems that go by one name (${PRESET_NAMES.join(', ')}), or a file of problems, problems.json, whose own op and batch stay whatever --op and --batch say`,
    );
    addProblemOptions(command);
    addReportOptions(command);
    command
      .option('--target <target>', 'cpu, cpu:avx512, cpu:avx2, cpu:plain, or cuda', 'cpu')
      .option('--db <file>', 'the database of all trials', DEFAULT_DB)
      .option(
        '--out <dir>',
        'publish a library into this folder: all winners of the database, those of earlier tunings, too',
      )
      .addOption(
        new Option('--budget <time>', 'time for all problems together: 60s, 5m, 2h')
          .argParser(duration)
          .default(60, '60s'),
      )
      .addOption(
        new Option(
          '--search <name>',
          'order of the trials, which decides what is found when the budget is short',
        )
          .choices(SEARCH_NAMES)
          .default(DEFAULT_SEARCH),
      )
      .option('--seed <number>', 'decides what a search leaves to chance', whole('the seed'), 1)
      .option('--threads <count>', 'threads, one a core unless given', whole('the number of threads'))
      .addOption(
        new Option('--gpus <list>', 'numbers of GPUs, all of one model unless given').argParser(gpuList),
      )
      .addOption(
        new Option('--shard <I/N>', 'the Ith of N shares of the problems, for N machines').argParser(shard),
      )
      .addOption(
        directionsOption(
          'layers of several angles: all together in one layer, as they are (unless given), each angle alone, or both',
        ),
      )
      .option('--dry-run', 'say what would be tuned, and for how long, without doing it')
      .option('--more', 'go on with problems that were tuned before')
      .addHelpText(
        'after',
        `\nPresets:\n${presetHelp()}\n\nSearches:\n  ${searchHelp()}\n\nExamples:\n  oriented1d tune table5 --batch 1 --budget 60s --out kernels
  oriented1d tune --size 56x56 --kernel 31 --angles 0,45,90,135 --channels 64 --batch 8
  oriented1d tune table5 --directions both --target cuda --batch 64 --budget 20m
  oriented1d tune tiny:1d --image 224x224 --batch 64 --target cuda --dry-run
  oriented1d tune problems.json --shard 2/4 --budget 1h        on the second of four machines`,
      );
  },

  async run(options, ui, args): Promise<Outcome> {
    const all = computedProblems(
      inDirections(
        askedProblems(options, args, (line) => ui.note(line)),
        options.directions ?? 'together',
      ),
      ui,
    );
    if (all.length === 0) throw nothing();
    const problems = options.shard ? shardOf(all, options.shard) : all;
    if (options.shard && problems.length === 0) ui.note(emptyShare(options.shard, all.length));
    const tuning = { ...options, more: options.more ?? false };
    if (options.dryRun) return planTuning(problems, tuning, ui);
    assertTunable(problems, openDevices(options).devices[0]!.target);
    // What publishes takes half a second to load.
    if (options.out !== undefined)
      (await import('./publishing.js')).assertPublishing(options.db, options.out);
    await assertReports(options, [options.db, ...args.filter((arg) => arg.endsWith('.json'))], options.out);
    const tuned = await runTuning(problems, tuning, ui);
    const published =
      options.out !== undefined && !tuned.interrupted
        ? await (await import('./publishing.js')).publishWinners(options.db, options.out)
        : undefined;
    const reports = await writeReports(options.db, options, problems);
    return {
      document: { ...tunedDocument(tuned), ...(published && { library: published }), ...reports.document },
      text: [
        tuneTable(tuned, ui),
        `every trial is in ${options.db}`,
        ...(published
          ? [
              `the library of ${counted(published.kernels, 'kernel')} is in ${published.folder}`,
              ...published.notes,
            ]
          : []),
        ...(options.out !== undefined && !published ? [`nothing was published in ${options.out}`] : []),
        ...reports.notes,
      ].join('\n'),
      exit: tuned.interrupted ?? EXIT.done,
    };
  },
};

function nothing(): CliError {
  return new CliError({
    code: 'nothing-to-tune',
    value: 'tune',
    rule: 'tuning needs a preset or a problem',
    remedy: `name a preset (${PRESET_NAMES.join(', ')}) or a file of problems, or give --size, --kernel and --angles`,
  });
}

function emptyShare({ index, count }: Shard, problems: number): string {
  return `share ${index} of ${count} is empty: ${counted(problems, 'problem')}, dealt out one by one, only reach the first ${counted(problems, 'share')}`;
}
