import { JSDOM } from 'jsdom';
import { beforeAll, expect, test } from 'vitest';
import { reportPage } from '../../../tuner/report/page.js';
import type { Report } from '../../../tuner/report/report.js';
import { problemText } from '../../../tuner/report/text.js';
import { FAILURES, MADE, sampleReport } from '../../support/report_store.js';

let made: Report;
let html: string;
let page: InstanceType<typeof JSDOM>['window']['document'];

beforeAll(() => {
  made = sampleReport();
  html = reportPage(made);
  page = new JSDOM(html).window.document;
});

const all = (selector: string) => [...page.querySelectorAll(selector)];
const texts = (selector: string) => all(selector).map(({ textContent }) => textContent!.trim());

test('every problem is in the table of its setting, with its winner', () => {
  const rows = made.settings.flatMap(({ problems }) => problems);
  expect(texts('.winners tbody tr td:first-child')).toEqual(rows.map(({ problem }) => problemText(problem)));
  expect(texts('.winners tbody tr td:nth-child(2)')).toEqual(
    rows.map(({ winner }) => winner?.schedule ?? 'none passed yet'),
  );
  expect(texts('.winners tbody tr:first-child td').slice(2, 7)).toEqual([
    ...['10 µs ±14.8 %', '2.00×', '0.50×', '8 (6 failed)'],
    expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/),
  ]);
  expect(texts('h2')).toEqual(['A <CPU> & more', 'a GPU']);
});

test('every problem has the commands that repeat it, whole', () => {
  const commands = made.settings.flatMap(({ problems }) =>
    problems.flatMap(({ commands: { tune, generate } }) => (generate ? [tune, generate] : [tune])),
  );
  expect(texts('.problem pre code')).toEqual(commands);
});

test('every failure is counted and listed with its reason and its schedules', () => {
  expect(texts('.verdicts li')).toEqual([
    'refused-by-compiler 2 trials',
    'wrong 1 trial',
    'crashed 2 trials',
    'hung 1 trial',
    'failed 1 trial',
  ]);
  const listed = texts('.failure > p');
  for (const { kind, reason } of FAILURES) expect(listed).toContain(`${kind} ${reason}`);
  const schedules = texts('.failure pre').flatMap((text) => text.split('\n'));
  const failed = made.settings.flatMap(({ problems }) =>
    problems.flatMap(({ failures }) => failures.flatMap((group) => group.schedules)),
  );
  expect(schedules).toEqual(failed);
  expect(failed).toHaveLength(FAILURES.length + 1);
});

test('each search has its curve: a dot a timed trial, a mark a failed one', () => {
  expect(all('.curves figure')).toHaveLength(6);
  const [first] = all('.curves figure');
  expect([...first!.querySelectorAll('[fill="var(--faint)"] circle')]).toHaveLength(2);
  const marks = [...first!.querySelectorAll('[stroke="var(--bad)"] line')];
  expect(marks).toHaveLength(FAILURES.length);
  expect(texts('.curves .bad')).toEqual(['All of 1 trial failed.']);
});

test('bars, effects and directions are drawn, and the same drawing once', () => {
  expect(texts('.panels figcaption')).toHaveLength(3);
  expect(all('.effects svg').length).toBeGreaterThan(0);
  expect(texts('.tiles figcaption b')).toEqual(['0°', '0°', '0°', '0°', '0°', '22.5°', '45°', '0°']);
  const used = all('.tiles use').map((use) => use.getAttribute('href'));
  expect(new Set(used).size).toBe(all('symbol').length);
  expect(all('symbol').length).toBeLessThan(used.length);
});

test('nothing is undefined, and nothing comes from elsewhere', () => {
  expect(html).not.toMatch(/undefined|NaN|\[object/);
  expect(all('script, link, img, iframe')).toEqual([]);
  expect(html.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|@import|url\((?!#)/);
  for (const element of all('[src], [href]')) expect(element.getAttribute('href')).toMatch(/^#/);
});

test('every link leads somewhere, and no two places have one name', () => {
  const ids = all('[id]').map((element) => element.getAttribute('id'));
  expect(new Set(ids).size).toBe(ids.length);
  for (const link of all('[href]')) expect(ids).toContain(link.getAttribute('href')!.slice(1));
});

test('a few problems are open; of an empty database it says that it is empty', () => {
  expect(all('.problem[open]')).toHaveLength(6);
  const empty = reportPage({ kind: 'report', database: '/tmp/a&b.db', made: MADE, settings: [] });
  expect(new JSDOM(empty).window.document.querySelector('main')!.textContent!.trim()).toBe(
    'No trial is there yet.',
  );
  expect(empty).toContain('<title>Tuning report: a&amp;b.db</title>');
  expect(empty).not.toContain('undefined');
});
