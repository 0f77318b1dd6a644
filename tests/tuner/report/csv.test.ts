import { expect, test } from 'vitest';
import { reportCsv } from '../../../tuner/report/csv.js';
import { CPU, sampleReport } from '../../support/report_store.js';

/** Fields of a text in RFC 4180, by the grammar of its section 2. */
function parsed(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1); // what stands behind the last line's end
}

test('has a row a winner, and what its page says of it', () => {
  const report = sampleReport();
  const [head, ...rows] = parsed(reportCsv(report));
  const records = rows.map((row) => Object.fromEntries(head!.map((name, i) => [name, row[i]])));
  const winners = report.settings.flatMap(({ problems }) => problems.filter(({ winner }) => winner));
  expect(records.map(({ problem, kernel }) => [problem, kernel])).toEqual(
    winners.map(({ name, winner }) => [name, winner!.trial.kernel]),
  );
  expect(records[0]).toMatchObject({
    ...{ ...CPU, threads: '2', op: 'fprop', layout: 'nhwc', height: '7', taps: '3', angles: '0' },
    ...{ time_us: '10', copy_us: '5', default_us: '20', to_floor: '2', to_default: '0.5' },
    ...{ trials: '8', failed: '6', final: 'yes', tune: 'tune --target cpu:avx2 --threads 2 --seed 7' },
  });
  expect(records[1]).toMatchObject({ final: 'no', copy_us: '', to_floor: '', failed: '0' });
  expect(records.find(({ channels }) => channels === '48')).toMatchObject({ angles: '0 22.5 45' });
  for (const row of rows) expect(row).toHaveLength(head!.length);
});

test('quotes what the format takes for its own', () => {
  const report = sampleReport();
  const machine = 'a "fast", odd\r\none';
  const text = reportCsv({ ...report, settings: [{ ...report.settings[0]!, machine }] });
  const [head, row] = parsed(text);
  expect(row![head!.indexOf('machine')]).toBe(machine);
  expect(text.startsWith('problem,op,layout')).toBe(true);
  expect(text.endsWith('\r\n')).toBe(true);
});
