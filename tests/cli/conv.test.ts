import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeNpy, readNpy } from '../../cli/npy.js';
import { inputElements, problem } from '../../generator/problem.js';
import { dimensions, inputDimensions } from '../../runtime/tensor.js';
import { anyLayer } from '../support/arbitrary.js';
import { cli } from '../support/cli.js';
import { changed } from '../support/flags.js';
import { dgradFormula, formula } from '../support/formula.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const everyAngleUsed = anyLayer.filter(({ angles, channels }) => angles.length <= channels!);

test('convolves files as the formula does, whatever the layout, stride, bias and angles', async () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, `${name}.npy`);
  await fc.assert(
    fc.asyncProperty(everyAngleUsed, fc.boolean(), fc.boolean(), async (spec, withBias, resid) => {
      const p = problem(spec);
      const input = wholeNumbers(p.batch * p.channels * p.height * p.width);
      const weight = wholeNumbers(p.channels * p.kernel, 2);
      const bias = wholeNumbers(p.channels, 3);
      writeFileSync(file('x'), encodeNpy(dimensions(p), input));
      writeFileSync(file('w'), encodeNpy([p.channels, p.kernel], weight));
      writeFileSync(file('b'), encodeNpy([p.channels], bias));
      const flags = [
        ...['--op', 'fprop', '--input', file('x'), '--weight', file('w'), '--output', file('y')],
        ...['--layout', p.layout, '--angles', p.angles.join(','), '--stride', String(p.stride)],
        ...(withBias ? ['--bias', file('b')] : []),
        ...(resid ? ['--resid'] : []),
      ];
      expect(await cli('conv', ...flags)).toMatchObject({ exit: 0, stderr: '' });
      const { data } = await readNpy(file('y'));
      const expected = formula(p, { input, weight, resid, ...(withBias && { bias }) });
      expect(difference(data, expected)).toBeUndefined();
    }),
    { numRuns: 25 },
  );
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('dgrad of files is the formula, whatever the layout, stride and angles', async () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, `${name}.npy`);
  await fc.assert(
    fc.asyncProperty(everyAngleUsed, fc.boolean(), async (spec, resid) => {
      const p = problem({ ...spec, op: 'dgrad' });
      const input = wholeNumbers(inputElements(p));
      const weight = wholeNumbers(p.channels * p.kernel, 2);
      writeFileSync(file('dy'), encodeNpy(inputDimensions(p, p.batch), input));
      writeFileSync(file('w'), encodeNpy([p.channels, p.kernel], weight));
      const flags = [
        ...['--op', 'dgrad', '--grad', file('dy'), '--weight', file('w'), '--output', file('dx')],
        ...['--layout', p.layout, '--angles', p.angles.join(','), '--stride', String(p.stride)],
        ...['--size', `${p.height}x${p.width}`, ...(resid ? ['--resid'] : [])],
      ];
      expect(await cli('conv', ...flags)).toMatchObject({ exit: 0, stderr: '' });
      const { shape, data } = await readNpy(file('dx'));
      expect(shape).toEqual(dimensions(p));
      expect(difference(data, dgradFormula(p, { input, weight, resid }))).toBeUndefined();
    }),
    { numRuns: 15 },
  );
});

/** A folder with x.npy [2,3,5,4] and w.npy [3,3], and the flags that convolve them into y.npy. */
function small() {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path('x.npy'), encodeNpy([2, 3, 5, 4], wholeNumbers(120)));
  writeFileSync(path('w.npy'), encodeNpy([3, 3], wholeNumbers(9)));
  const flags = ['conv', '--input', path('x.npy'), '--weight', path('w.npy'), '--output', path('y.npy')];
  return { path, flags };
}

test('the defaults are fprop, nchw, stride 1; one angle is for all channels', async () => {
  const { path, flags } = small();
  expect((await cli(...flags, '--angle', '90')).exit).toBe(0);
  const p = problem({ layout: 'nchw', batch: 2, channels: 3, height: 5, width: 4, kernel: 3, angles: [90] });
  const { shape, data } = await readNpy(path('y.npy'));
  expect(shape).toEqual([2, 3, 5, 4]);
  expect(difference(data, formula(p, { input: wholeNumbers(120), weight: wholeNumbers(9) }))).toBeUndefined();
});

test('--json says where the result is and what ran', async () => {
  const { path, flags } = small();
  const run = await cli(
    ...flags,
    '--angle',
    '0',
    '--stride',
    '2',
    '--threads',
    '1',
    '--target',
    'cpu:plain',
    '--json',
  );
  expect(JSON.parse(run.stdout)).toMatchObject({
    output: path('y.npy'),
    shape: [2, 3, 3, 2],
    target: 'cpu:plain',
    threads: 1,
    origin: { kind: 'general' },
  });
  expect(run.stdout.match(/\n/g)).toHaveLength(1);
});

test('in words, the same', async () => {
  const { path, flags } = small();
  const { stdout } = await cli(...flags, '--angle', '0', '--threads', '1');
  expect(stdout).toMatch(`wrote ${path('y.npy')}, float32 (2, 3, 5, 4)\nran the general kernel on cpu:`);
  expect(stdout).toMatch(/, 1 thread \(/);
});

test('float64 is rounded, with a word on stderr and none on stdout', async () => {
  const { path, flags } = small();
  const header = Buffer.from(encodeNpy([3, 3], new Float32Array(9)))
    .toString('latin1')
    .slice(0, 128);
  const weight = new Float64Array(wholeNumbers(9));
  const bytes = [Buffer.from(header.replace('<f4', '<f8'), 'latin1'), Buffer.from(weight.buffer)];
  writeFileSync(path('w64.npy'), Buffer.concat(bytes));
  const from32 = await cli(...flags, '--angle', '45', '--json');
  const expected = (await readNpy(path('y.npy'))).data;
  const from64 = await cli(...changed(flags, ['--weight', path('w64.npy')]), '--angle', '45', '--json');
  expect(from64.stderr).toBe(`${path('w64.npy')}: float64, rounded to float32\n`);
  expect(from64.stdout).toBe(from32.stdout);
  expect((await readNpy(path('y.npy'))).data).toEqual(expected);
});

test('the result may replace the input', async () => {
  const { path, flags } = small();
  expect((await cli(...changed(flags, ['--output', path('x.npy')]), '--angle', '0')).exit).toBe(0);
  expect((await readNpy(path('x.npy'))).shape).toEqual([2, 3, 5, 4]);
});
