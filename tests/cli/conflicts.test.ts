import { expect, test } from 'vitest';
import { conflictDocument, conflictText } from '../../cli/conflicts.js';
import type { Outcome } from '../../tuner/outcome.js';
import { took, trialKey } from '../support/trials.js';

const hung: Outcome = { kind: 'hung', reason: 'no answer' };
const conflict = (tile: number, here: Outcome, there: Outcome) => ({ key: trialKey(tile), here, there });

test('conflicts are told, those that ended otherwise first, and no more than five', () => {
  const many = Array.from({ length: 6 }, (_, i) => conflict(i, took(10), took(12)));
  const lines = conflictText([...many, conflict(9, hung, took(30))]);
  expect(lines[0]).toBe('7 trials had been made in both, with other results; those that were here stay:');
  expect(lines[1]).toBe(`  ${trialKey(9).kernel}: hung here, 30 us there`);
  expect(lines[2]).toBe(`  ${trialKey(0).kernel}: 10 us here, 12 us there`);
  expect(lines.slice(6)).toEqual(['  and 2 more, see --json']);
  expect(conflictText([])).toEqual([]);
});

test('as data they say what was found on both sides', () => {
  const { problem, kernel, machine } = trialKey(7);
  expect(conflictDocument(conflict(7, took(10), hung))).toEqual({
    ...{ problem, kernel, machine },
    here: { verdict: 'ok', median: 10 },
    there: { verdict: 'hung', reason: 'no answer' },
  });
});
