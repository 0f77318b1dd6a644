import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { splitKernelName } from '../generator/name.js';
import { openStore, type Store } from '../tuner/store/store.js';
import { exportTrials, importTrials, readExport } from '../tuner/store/transfer.js';
import { assertWritable, writeAside } from './atomic.js';
import type { CliCommand, Outcome } from './command.js';
import { threadsText } from './device.js';
import { CliError, systemReason } from './errors.js';
import { PUBLISHED } from './published.js';
import { publishWinners, refreshLibrary } from './publishing.js';
import { DEFAULT_DB, openExisting } from './store_option.js';
import type { Ui } from './ui.js';
import { verifyLibrary } from './verifying.js';
import { microseconds } from './words.js';

interface LibraryOptions {
  readonly db: string;
  readonly out?: string;
}

type Action = (options: LibraryOptions, ui: Ui, file: string | undefined) => Promise<Outcome>;

/** `oriented1d library`: what tuning has found, from database to folder and from machine to machine. */
export const library: CliCommand<LibraryOptions> = {
  define(command: Command): void {
    command
      .argument('<action>', [...ACTIONS.keys()].join(', '))
      .argument('[file]', 'of export and import; the folder of verify and refresh')
      .option('--db <file>', 'the database of all trials', DEFAULT_DB)
      .addOption(new Option('--out <dir>', 'the folder to publish into'))
      .addHelpText(
        'after',
        `
Actions:
  list            the winners in the database
  verify [DIR]    compile and check every kernel of a published library, this package's own unless named
  publish         write the winners of this machine and of a GPU into --out DIR; targets without any stay as they are
  refresh [DIR]   write a published library again from its own manifest, as the generator is today
  export FILE     every trial of the database, for another machine
  import FILE     take over what export wrote`,
      );
  },

  run(options, ui, [action, file]) {
    const run = ACTIONS.get(action!);
    if (run) return run(options, ui, file);
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

async function list({ db }: LibraryOptions, ui: Ui): Promise<Outcome> {
  return await withStore(openExisting(db), (store) => {
    const winners = store.winners().map(({ trial, measurement, final }) => ({
      problem: trial.problem,
      kernel: trial.kernel,
      target: trial.target,
      threads: trial.threads,
      machine: trial.machine,
      median: measurement.median,
      final,
    }));
    const rows = winners.map(({ problem, kernel, machine, threads, median }) => [
      problem,
      splitKernelName(kernel).schedule,
      microseconds(median),
      `${machine}, ${threadsText(threads)}`,
    ]);
    const table = ui.table(['problem', 'schedule', 'time', 'machine'], rows);
    return { document: { winners }, text: rows.length > 0 ? table : `no winners in ${db}` };
  });
}

function verify(_options: LibraryOptions, ui: Ui, folder = PUBLISHED): Promise<Outcome> {
  return verifyLibrary(folder, ui);
}

async function refresh(_options: LibraryOptions, _ui: Ui, folder = PUBLISHED): Promise<Outcome> {
  const done = refreshLibrary(folder);
  return { document: done, text: `${done.kernels} kernels are in ${done.folder}` };
}

async function publish({ db, out }: LibraryOptions): Promise<Outcome> {
  if (out === undefined) throw missing('--out DIR', 'publish', '--out kernels');
  const done = await publishWinners(db, out);
  const text = [`${done.kernels} kernels are in ${done.folder}`, ...done.notes].join('\n');
  return { document: done, text };
}

async function exportTo({ db }: LibraryOptions, _ui: Ui, file: string | undefined): Promise<Outcome> {
  if (file === undefined) throw missing('a file', 'export', 'trials.json');
  await assertWritable(file);
  return await withStore(openExisting(db), async (store) => {
    const trials = store.trials().length;
    await writeAside(file, exportTrials(store));
    return { document: { file, trials }, text: `${trials} trials are in ${file}` };
  });
}

async function importFrom({ db }: LibraryOptions, _ui: Ui, file: string | undefined): Promise<Outcome> {
  if (file === undefined) throw missing('a file', 'import', 'trials.json');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CliError({
      code: 'input-unreadable',
      value: file,
      rule: `cannot be read: ${systemReason(cause)}`,
      remedy: 'name a file that `library export` wrote',
      cause,
    });
  });
  const found = readExport(text, file); // a file that is none must not leave a new database behind
  return await withStore(openStore(db), (store) => {
    const { trials, known } = importTrials(store, found);
    return {
      document: { db, trials, known },
      text: `${trials} trials taken over, ${known} were there already`,
    };
  });
}

async function withStore<T>(store: Store, use: (store: Store) => T | Promise<T>): Promise<T> {
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

function missing(what: string, action: string, example: string): CliError {
  return new CliError({
    code: 'argument-missing',
    value: action,
    rule: `library ${action} needs ${what}`,
    remedy: `use for example oriented1d library ${action} ${example}`,
  });
}
