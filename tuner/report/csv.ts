import { stringify } from 'csv-stringify/sync';
import { kernelText } from '../../generator/problem.js';
import { failedTrials } from './failure_group.js';
import type { ProblemReport, Report, SettingReport } from './report.js';

/**
 * A report's winners as a table in RFC 4180: a head, a row a winner, CRLF. Times are in microseconds of one run, spreads
 * and ratios are plain numbers, moments ISO 8601 in UTC; what is not known is empty.
 */
export function reportCsv({ settings }: Report): string {
  const rows = settings.flatMap((setting) =>
    setting.problems.flatMap((problem) =>
      problem.winner ? [winnerRow(setting, problem, problem.winner)] : [],
    ),
  );
  return stringify(rows, { header: true, columns: [...COLUMNS], record_delimiter: 'windows' });
}

const COLUMNS = [
  ...['problem', 'op', 'layout', 'dtype', 'height', 'width', 'stride', 'taps', 'angles', 'channels', 'batch'],
  ...['target', 'machine', 'threads', 'compiler', 'flags'],
  ...['kernel', 'schedule', 'time_us', 'spread', 'copy_us', 'default_us', 'to_floor', 'to_default'],
  ...['trials', 'failed', 'final', 'measured', 'tune', 'generate'],
] as const;

type Row = Readonly<Record<(typeof COLUMNS)[number], string | number | undefined>>;

function winnerRow(
  { target, machine, threads, toolchain }: SettingReport,
  { name, problem, trials, failures, commands }: ProblemReport,
  winner: NonNullable<ProblemReport['winner']>,
): Row {
  const { op, layout, dtype, height, width, stride, angles, channels, batch } = problem;
  return {
    ...{
      problem: name,
      op,
      layout,
      dtype,
      height,
      width,
      stride,
      taps: kernelText(problem),
      channels,
      batch,
    },
    angles: angles.join(' '),
    ...{ target, machine, threads, ...toolchain },
    kernel: winner.trial.kernel,
    schedule: winner.schedule,
    time_us: winner.measurement.median,
    spread: winner.measurement.spread,
    copy_us: winner.copy?.median,
    default_us: winner.default?.median,
    to_floor: winner.toFloor,
    to_default: winner.toDefault,
    trials,
    failed: failedTrials(failures),
    final: winner.final ? 'yes' : 'no',
    measured: winner.measured,
    ...commands,
  };
}
