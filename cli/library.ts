import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { splitKernelName } from '../generator/name.js';
import { systemReason } from '../runtime/system_reason.js';
import { type Export, readExport } from '../tuner/store/export_file.js';
import { openStore, type Store } from '../tuner/store/store.js';
import { exportTrials, type Imported, importTrials } from '../tuner/store/transfer.js';
import { assessedWinners } from './assessed_winners.js';
import { writeAside } from './atomic.js';
import type { CliCommand, Outcome } from './command.js';
import { conflictDocument, conflictText } from './conflicts.js';
import { threadsText } from './device.js';
import { CliError } from './errors.js';
import { missing, refuseOut, refuseReports, refuseSample, requireAtMost } from './library_refusals.js';
import { assertOutputs } from './output.js';
import { PUBLISHED } from './published.js';
import type { Publishing } from './publishing.js';
import { addReportOptions, assertReports, type ReportFiles, writeReports } from './report_files.js';
import { DEFAULT_DB, openExisting } from './store_option.js';
import type { Ui } from './ui.js';
import { whole } from './values.js';
import { verifyLibrary, verifyWinners } from './verifying.js';
import { counted, microseconds } from './words.js';

interface LibraryOptions extends ReportFiles {
  readonly db: string;
  readonly out?: string;
  /** How many kernels verify times again. */
  readonly sample?: number;
}

/** Kernels that verify times again unless told otherwise. */
const SAMPLE = 3;

type Action = (options: LibraryOptions, ui: Ui, ...files: readonly string[]) => Promise<Outcome>;

/** `oriented1d library`: what tuning has found, from database to folder and from machine to machine. */
export const library: CliCommand<LibraryOptions> = {
  define(command: Command): void {
    addReportOptions(command);
    command
      .argument('<action>', [...ACTIONS.keys()].join(', '))
      .argument(
        '[files...]',
        'of export and import; the library of verify and refresh, or a database to verify',
      )
      .option('--db <file>', 'the database of all trials', DEFAULT_DB)
      .addOption(new Option('--out <dir>', 'the folder to publish into'))
      .addOption(
        new Option('--sample <count>', `kernels that verify times again, ${SAMPLE} unless given`).argParser(
          whole('the sample', 0),
        ),
      )
      .addHelpText(
        'after',
        `
Actions:
  list            the winners in the database, and why some are stale, which no tuning counts on; --report and --csv
                  write more of it into files
  verify [PLACE]  compile and check every kernel of a published library, this package's own unless named, or the winners
                  of a database; some are timed again, in turn with the copy
  publish         write the winners of this machine and of a GPU into --out DIR; layers without any stay as they are
  refresh [DIR]   write a published library, this package's own unless named, again from its own manifest
  export FILE     every trial of the database, for another machine
  import FILE...  take over what export wrote, as on other machines; trials that are there already stay`,
      );
  },

  run(options, ui, [action, ...files]) {
    const run = ACTIONS.get(action!);
    if (run && run !== list) refuseReports(options);
    if (run && run !== verify) refuseSample(options);
    if (run && run !== publish) refuseOut(options);
    if (run) requireAtMost(FILES[action!] ?? 1, action!, files);
    if (run) return run(options, ui, ...files);
    throw new CliError({
      code: 'action-unknown',
      value: action,
      rule: `library does one of ${[...ACTIONS.keys()].join(', ')}`,
      remedy: 'see oriented1d library --help',
    });
  },
};

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['list', list],
  ['verify', verify],
  ['publish', publish],
  ['refresh', refresh],
  ['export', exportTo],
  ['import', importFrom],
]);

/** How many files or folders an action takes, where it is not one. */
const FILES: Readonly<Record<string, number>> = { list: 0, publish: 0, import: Number.POSITIVE_INFINITY };

async function list({ db, ...files }: LibraryOptions, ui: Ui): Promise<Outcome> {
  await assertReports(files, [db]);
  const reports = await writeReports(db, files);
  return await withStore(openExisting(db), async (store) => {
    const winners = (await assessedWinners(store)).map(
      ({ winner: { trial, measurement, final }, stale }) => ({
        problem: trial.problem,
        kernel: trial.kernel,
        target: trial.target,
        threads: trial.threads,
        machine: trial.machine,
        median: measurement.median,
        final,
        stale,
      }),
    );
    const rows = winners.map(({ problem, kernel, machine, threads, median, stale }) => [
      problem,
      splitKernelName(kernel).schedule,
      microseconds(median),
      `${machine}, ${threadsText(threads)}`,
      stale.length > 0 ? stale.join('; ') : '-',
    ]);
    const table = ui.table(['problem', 'schedule', 'time', 'machine', 'stale'], rows);
    const text = [rows.length > 0 ? table : `no winners in ${db}`, ...reports.notes].join('\n');
    return { document: { winners, ...reports.document }, text };
  });
}

async function verify({ sample = SAMPLE }: LibraryOptions, ui: Ui, place = PUBLISHED): Promise<Outcome> {
  if (!statSync(place, { throwIfNoEntry: false })?.isFile()) return verifyLibrary(place, sample, ui);
  return await withStore(openExisting(place), (store) => verifyWinners(store, sample, ui));
}

async function refresh(_options: LibraryOptions, _ui: Ui, folder = PUBLISHED): Promise<Outcome> {
  const { refreshLibrary } = await import('./publishing.js');
  return published(await refreshLibrary(folder));
}

async function publish({ db, out }: LibraryOptions): Promise<Outcome> {
  if (out === undefined) throw missing('--out DIR', 'publish', '--out kernels');
  const { publishWinners } = await import('./publishing.js'); // which takes half a second to load
  return published(await publishWinners(db, out));
}

function published(done: Publishing): Outcome {
  const { kernels, folder, notes } = done;
  const there = `${counted(kernels, 'kernel')} ${kernels === 1 ? 'is' : 'are'} in ${folder}`;
  return { document: done, text: [there, ...notes].join('\n') };
}

async function exportTo({ db }: LibraryOptions, _ui: Ui, file: string | undefined): Promise<Outcome> {
  if (file === undefined) throw missing('a file', 'export', 'trials.json');
  await assertOutputs([file], [db]);
  return await withStore(openExisting(db), async (store) => {
    const trials = store.trials().length;
    await writeAside(file, exportTrials(store));
    return { document: { file, trials }, text: `${trials} trials are in ${file}` };
  });
}

async function importFrom({ db }: LibraryOptions, _ui: Ui, ...files: readonly string[]): Promise<Outcome> {
  if (files.length === 0) throw missing('a file', 'import', 'trials.json');
  const exports: Export[] = []; // a file that is none must not leave a new database behind
  for (const file of files) exports.push(await exportIn(file));
  return await withStore(openStore(db), (store) => {
    const done = exports.map((found) => importTrials(store, found));
    const sum = (count: (one: Imported) => number) => done.reduce((total, one) => total + count(one), 0);
    const [trials, known] = [sum((one) => one.trials), sum((one) => one.known)];
    const conflicts = done.flatMap((one) => one.conflicts);
    return {
      document: { db, trials, known, conflicts: conflicts.map(conflictDocument) },
      text: [
        `${counted(trials, 'trial')} taken over, ${known} were there already`,
        ...conflictText(conflicts),
      ].join('\n'),
    };
  });
}

async function exportIn(file: string): Promise<Export> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CliError({
      code: 'input-unreadable',
      value: file,
      rule: `cannot be read: ${systemReason(cause)}`,
      remedy: 'name a file that `library export` wrote',
      cause,
    });
  });
  return readExport(text, file);
}

async function withStore<T>(store: Store, use: (store: Store) => T | Promise<T>): Promise<T> {
  try {
    return await use(store);
  } finally {
    store.close();
  }
}
