import type { Command } from 'commander';
import { isInside } from '../generator/library/replace.js';
import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { readReport } from '../tuner/report/read_report.js';
import { writeAside } from './atomic.js';
import { CliError } from './errors.js';
import { assertOutputs } from './output.js';
import { reportCommands } from './report_commands.js';
import { openExisting } from './store_option.js';

/** What commander makes of {@link addReportOptions}. */
export interface ReportFiles {
  /** Of the page. */
  readonly report?: string;
  /** Of the table. */
  readonly csv?: string;
}

/** What was written, for --json and for people. */
export interface ReportsWritten {
  readonly document: ReportFiles;
  readonly notes: readonly string[];
}

export function addReportOptions(command: Command): void {
  command
    .option('--report <file.html>', 'write a page of winners, searches, effects and failures')
    .option('--csv <file.csv>', 'write the winners as a table, with all columns');
}

/**
 * Says before any work is done that {@link writeReports} could not write its files.
 * @param others files that the command has another use for
 * @param folder of a library that the command replaces
 * @throws CliError
 */
export async function assertReports(
  { report, csv }: ReportFiles,
  others: readonly string[],
  folder?: string,
): Promise<void> {
  const files = [report, csv].filter((file) => file !== undefined);
  if (folder !== undefined)
    for (const file of files) if (isInside(folder, file)) throw insideLibrary(file, folder);
  await assertOutputs(files, others);
}

/**
 * Writes what was asked for out of a database.
 * @param problems that it is about, all unless given
 * @throws CliError, OutputError, StoreError
 */
export async function writeReports(
  db: string,
  files: ReportFiles,
  problems?: readonly Problem[],
): Promise<ReportsWritten> {
  if (files.report === undefined && files.csv === undefined) return { document: {}, notes: [] };
  const store = openExisting(db);
  try {
    const made = readReport(store, {
      problems: problems?.map(problemName),
      made: new Date().toISOString(),
      commands: reportCommands,
    });
    // What draws and writes them takes half a second to load.
    if (files.report !== undefined)
      await writeAside(files.report, (await import('../tuner/report/page.js')).reportPage(made));
    if (files.csv !== undefined)
      await writeAside(files.csv, (await import('../tuner/report/csv.js')).reportCsv(made));
    return { document: documentOf(files), notes: notesOf(files) };
  } finally {
    store.close();
  }
}

function documentOf({ report, csv }: ReportFiles): ReportFiles {
  return { ...(report !== undefined && { report }), ...(csv !== undefined && { csv }) };
}

function notesOf({ report, csv }: ReportFiles): readonly string[] {
  return [
    ...(report === undefined ? [] : [`the report is in ${report}`]),
    ...(csv === undefined ? [] : [`the table of winners is in ${csv}`]),
  ];
}

function insideLibrary(file: string, folder: string): CliError {
  return new CliError({
    code: 'output-inside',
    value: file,
    rule: `a library is replaced as a whole folder, and this file would lie in ${folder}`,
    remedy: 'write it elsewhere',
  });
}
