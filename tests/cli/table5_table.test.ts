import { expect, test } from 'vitest';
import { tableText } from '../../cli/table5_table.js';
import { Ui } from '../../cli/ui.js';
import { captured } from '../support/cli.js';
import { sampleTable } from '../support/table5_result.js';

test('ends with how far samples lie apart, and what transferred kernels are', () => {
  const lines = tableText(sampleTable(), new Ui(captured(), { json: false })).split('\n\n');
  expect(lines.at(-2)).toMatch(/^samples of a time spread by 1\.0 % in the median/);
  expect(lines.at(-1)).toMatch(
    /^kernels: .* transferred, .*; transferred and default ones were not chosen by/,
  );
});

test('what was published stands below the published step in NCHW alone', () => {
  const tables = tableText(sampleTable(), new Ui(captured(), { json: false })).split('\n\n');
  const published = tables.filter((table) => table.includes('published (RTX 3090, N=64)'));
  expect(published).toHaveLength(1);
  expect(published[0]).toMatch(/^nchw f32 N=64 C=512, forward, mean and backward, no gradient of the input/);
  expect(published[0]).toMatch(/\npaper, published \(RTX 3090, N=64\) +0\.3 +0\.8 +0\.9 +2\.6 +3\.2 +9\.9$/);
});
