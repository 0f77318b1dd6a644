import { CliError } from './errors.js';
import type { ReportFiles } from './report_files.js';

// What `oriented1d library` refuses before it does anything: options and files of other actions, and what is missing.

export function refuseReports({ report, csv }: ReportFiles): void {
  if (report === undefined && csv === undefined) return;
  throw new CliError({
    code: 'report-elsewhere',
    value: report === undefined ? '--csv' : '--report',
    rule: 'library writes reports with the action list only',
    remedy: 'use for example oriented1d library list --report report.html',
  });
}

export function refuseSample({ sample }: { readonly sample?: number }): void {
  if (sample === undefined) return;
  throw new CliError({
    code: 'sample-elsewhere',
    value: '--sample',
    rule: 'library times kernels again with the action verify only',
    remedy: 'use for example oriented1d library verify --sample 5',
  });
}

export function refuseOut({ out }: { readonly out?: string }): void {
  if (out === undefined) return;
  throw new CliError({
    code: 'out-elsewhere',
    value: '--out',
    rule: 'library writes into a folder with the action publish only',
    remedy: 'leave it out, or use for example oriented1d library publish --out kernels',
  });
}

export function requireAtMost(count: number, action: string, files: readonly string[]): void {
  if (files.length <= count) return;
  throw new CliError({
    code: 'argument-unexpected',
    value: files[count],
    rule: `library ${action} takes ${count === 0 ? 'no file or folder' : 'one file or folder'}`,
    remedy: 'leave it out; only import takes several',
  });
}

export function missing(what: string, action: string, example: string): CliError {
  return new CliError({
    code: 'argument-missing',
    value: action,
    rule: `library ${action} needs ${what}`,
    remedy: `use for example oriented1d library ${action} ${example}`,
  });
}
