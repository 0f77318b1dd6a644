import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeNpy, readNpy } from '../../cli/npy.js';
import { inputElements, outputElements, problem } from '../../generator/problem.js';
import { dimensions, inputDimensions, outputDimensions } from '../../runtime/tensor.js';
import { anyLayer } from '../support/arbitrary.js';
import { cli } from '../support/cli.js';
import { changed } from '../support/flags.js';
import { dgradFormula, formula, wgradFormula } from '../support/formula.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const everyAngleUsed = anyLayer.filter(({ angles, channels }) => angles!.length <= channels!);

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

test('wgrad of files is the formula, whatever the layout, stride and angles, with and without db', async () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, `${name}.npy`);
  await fc.assert(
    fc.asyncProperty(everyAngleUsed, fc.boolean(), async (spec, withBias) => {
      const p = problem({ ...spec, op: 'wgrad' });
      const [input, grad] = [wholeNumbers(inputElements(p)), wholeNumbers(outputElements(p), 2)];
      writeFileSync(file('x'), encodeNpy(inputDimensions(p, p.batch), input));
      writeFileSync(file('dy'), encodeNpy(outputDimensions(p, p.batch), grad));
      const flags = [
        ...['--op', 'wgrad', '--input', file('x'), '--grad', file('dy'), '--kernel', String(p.kernel)],
        ...['--layout', p.layout, '--angles', p.angles.join(','), '--stride', String(p.stride)],
        ...['--output', file('dw'), ...(withBias ? ['--bias-output', file('db')] : [])],
      ];
      expect(await cli('conv', ...flags)).toMatchObject({ exit: 0, stderr: '' });
      const { weightGrad, biasGrad } = wgradFormula(p, { input, grad });
      const dw = await readNpy(file('dw'));
      expect(dw.shape).toEqual([p.channels, p.kernel]);
      expect(difference(dw.data, weightGrad)).toBeUndefined();
      if (!withBias) return;
      const db = await readNpy(file('db'));
      expect(db.shape).toEqual([p.channels]);
      expect(difference(db.data, biasGrad)).toBeUndefined();
    }),
    { numRuns: 15 },
  );
});

test('backward of files is the formulas, whatever the layout, stride and angles', async () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, `${name}.npy`);
  await fc.assert(
    fc.asyncProperty(everyAngleUsed, fc.boolean(), async (spec, resid) => {
      const p = problem({ ...spec, op: 'backward' });
      const [input, grad] = [wholeNumbers(inputElements(p)), wholeNumbers(outputElements(p), 2)];
      const weight = wholeNumbers(p.channels * p.kernel, 3);
      writeFileSync(file('x'), encodeNpy(inputDimensions(p, p.batch), input));
      writeFileSync(file('dy'), encodeNpy(outputDimensions(p, p.batch), grad));
      writeFileSync(file('w'), encodeNpy([p.channels, p.kernel], weight));
      const flags = [
        ...['--op', 'backward', '--input', file('x'), '--grad', file('dy'), '--weight', file('w')],
        ...['--layout', p.layout, '--angles', p.angles.join(','), '--stride', String(p.stride)],
        ...['--output', file('dx'), '--weight-output', file('dw'), '--bias-output', file('db')],
        ...(resid ? ['--resid'] : []),
      ];
      expect(await cli('conv', ...flags)).toMatchObject({ exit: 0, stderr: '' });
      const { weightGrad, biasGrad } = wgradFormula(p, { input, grad });
      const dgrad = problem({ ...p, op: 'dgrad' });
      const expected = {
        dx: dgradFormula(dgrad, { input: grad, weight, resid }),
        dw: weightGrad,
        db: biasGrad,
      };
      for (const [name, formula] of Object.entries(expected))
        expect(difference((await readNpy(file(name))).data, formula)).toBeUndefined();
      expect((await readNpy(file('dx'))).shape).toEqual(inputDimensions(p, p.batch));
    }),
    { numRuns: 15 },
  );
});

test('gradients say where each of them is and what ran, also for --json', async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  for (const name of ['x', 'dy']) writeFileSync(path(name), encodeNpy([1, 2, 3, 3], wholeNumbers(18)));
  writeFileSync(path('w'), encodeNpy([2, 3], wholeNumbers(6)));
  const flags = [
    ...['conv', '--op', 'backward', '--input', path('x'), '--grad', path('dy'), '--weight', path('w')],
    ...['--angle', '0', '--threads', '1', '--output', path('dx'), '--weight-output', path('dw')],
  ];
  const { stdout } = await cli(...flags);
  expect(stdout).toMatch(
    `wrote ${path('dx')}, float32 (1, 2, 3, 3)\nwrote ${path('dw')}, float32 (2, 3)\nran dgrad by the general kernel on cpu:`,
  );
  expect(stdout).toMatch(/, then wgrad by the general kernel on cpu:[^\n]*\n$/);
  expect(JSON.parse((await cli(...flags, '--json')).stdout)).toMatchObject({
    outputs: [
      { gradient: 'inputGrad', file: path('dx'), shape: [1, 2, 3, 3] },
      { gradient: 'weightGrad', file: path('dw'), shape: [2, 3] },
    ],
    origin: { kind: 'pair', dgrad: { kind: 'general' }, wgrad: { kind: 'general' } },
    threads: 1,
  });
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
