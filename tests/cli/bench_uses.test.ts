import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

/** Of every option that not all benches have a use for: one that has, and those that have none. */
const ELSEWHERE = [
  ['--op wgrad', 'layers', 'table5 models'],
  ['--stride 2', 'layers', 'table5 models'],
  ['--directions both', 'layers', 'table5 models'],
  ['--known', 'layers', 'table5 models'],
  ['--warm', 'layers', 'table5 models'],
  ['stem', 'layers', 'table5 models'],
  ['--size 9x9', 'layers', 'models'],
  ['--kernels 3', 'layers', 'models'],
  ['--layout nchw', 'layers', 'models'],
  ['--batch 2', 'layers', 'models'],
  ['--channels 8', 'layers', 'models'],
  ['--db trials.db', 'layers', 'models'],
  ['--as-published', 'table5', 'layers models'],
  ['--report page.html', 'table5', 'layers models'],
  ['--models tiny', 'models', 'layers table5'],
  ['--variants 1d', 'models', 'layers table5'],
  ['--batches 1', 'models', 'layers table5'],
  ['--image 32x32', 'models', 'layers table5'],
  ['--products tf32', 'models', 'layers table5'],
  ['--gelu tanh', 'models', 'layers table5'],
  ['--library kernels', 'models', 'layers table5'],
] as const;

test.each(
  ELSEWHERE.flatMap(([option, user, others]) => others.split(' ').map((bench) => ({ option, user, bench }))),
)('bench $bench refuses $option in one line', async ({ option, user, bench }) => {
  const folder = temporaryFolder();
  const [name, value] = option.split(' ');
  const file = value?.includes('.') ? [join(folder, value)] : value === undefined ? [] : [value];
  const { exit, stdout, stderr } = await cli('bench', bench, name!, ...file);
  expect([exit, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    new RegExp(
      `^oriented1d: '${name}': bench ${bench} has no use for it, [^\n]+; leave ${name} out, or use oriented1d bench ${user}\n$`,
    ),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('bench says what there is to measure', async () => {
  const { exit, stderr } = await cli('bench', 'tables');
  expect(exit).toBe(2);
  expect(stderr).toMatch(
    /^oriented1d: 'tables': what is benched is one of layers, table5 and models[^\n]+\n$/,
  );
});
