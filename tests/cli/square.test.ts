import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { encodeNpy, readNpy } from '../../cli/npy.js';
import { readProblems } from '../../cli/problem_file.js';
import { problemFlags } from '../../cli/problem_options.js';
import { shortName } from '../../cli/tune_table.js';
import { inputElements, outputElements, type Problem, problem } from '../../generator/problem.js';
import { squareTapSet } from '../../generator/taps.js';
import { dimensions, inputDimensions, outputDimensions } from '../../runtime/tensor.js';
import { anyLayer, squareProblem } from '../support/arbitrary.js';
import { cli } from '../support/cli.js';
import { dgradFormula, formula, wgradFormula } from '../support/formula.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const anySmall = fc.tuple(anyLayer, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
const FORMS = ['[C,K,K]', '[C,1,K,K]', '[C,K*K]'] as const;

/** A shape of weights, and whether it needs to be told that they are of squares. */
function weightShape({ channels, kernel }: Problem, form: (typeof FORMS)[number]) {
  if (form === '[C,K*K]')
    return { shape: [channels, kernel ** 2], flags: ['--kernel', `${kernel}x${kernel}`] };
  return { shape: [channels, ...(form === '[C,1,K,K]' ? [1] : []), kernel, kernel], flags: [] };
}

describe('conv', () => {
  it.each(FORMS)('of square filters %s is the formula', async (form) => {
    const folder = temporaryFolder();
    const file = (name: string) => join(folder, `${name}.npy`);
    await fc.assert(
      fc.asyncProperty(anySmall, fc.boolean(), async ([spec, height, width], resid) => {
        const p = squareProblem({ ...spec, height, width });
        const { shape, flags } = weightShape(p, form);
        const both = [
          '--layout',
          p.layout,
          '--stride',
          `${p.stride}`,
          ...flags,
          ...(resid ? ['--resid'] : []),
        ];
        const [x, dy] = [wholeNumbers(inputElements(p)), wholeNumbers(outputElements(p), 2)];
        const weight = wholeNumbers(
          shape.reduce((a, b) => a * b),
          3,
        );
        writeFileSync(file('x'), encodeNpy(dimensions(p), x));
        writeFileSync(file('dy'), encodeNpy(outputDimensions(p, p.batch), dy));
        writeFileSync(file('w'), encodeNpy(shape, weight));
        const weighted = ['--weight', file('w'), ...both];

        const forward = await cli('conv', '--input', file('x'), ...weighted, '--output', file('y'));
        expect(forward).toMatchObject({ exit: 0, stderr: '' });
        const y = await readNpy(file('y'));
        expect(difference(y.data, formula(p, { input: x, weight, resid }))).toBeUndefined();

        const gradients = ['--output', file('dx'), '--weight-output', file('dw')];
        const sources = ['--op', 'backward', '--input', file('x'), '--grad', file('dy')];
        const backward = await cli('conv', ...sources, ...weighted, ...gradients);
        expect(backward).toMatchObject({ exit: 0, stderr: '' });
        const [dx, dw] = [await readNpy(file('dx')), await readNpy(file('dw'))];
        expect([dx.shape, dw.shape]).toEqual([inputDimensions(p, p.batch), shape]);
        expect(difference(dx.data, dgradFormula(p, { input: dy, weight, resid }))).toBeUndefined();
        expect(difference(dw.data, wgradFormula(p, { input: x, grad: dy }).weightGrad)).toBeUndefined();
      }),
      { numRuns: 8 },
    );
  });

  it('writes dw of wgrad as [C,K,K]', async () => {
    const folder = temporaryFolder();
    const [x, dw] = ['x.npy', 'dw.npy'].map((name) => join(folder, name));
    writeFileSync(x!, encodeNpy([1, 2, 5, 5], wholeNumbers(50)));
    const flags = ['--op', 'wgrad', '--input', x!, '--grad', x!, '--kernel', '3x3', '--output', dw!];
    expect(await cli('conv', ...flags)).toMatchObject({ exit: 0 });
    expect((await readNpy(dw!)).shape).toEqual([2, 3, 3]);
  });

  it.each([
    [[2, 3, 3], ['--angle', '0'], 'a square filter has no direction'],
    [[2, 3, 3], ['--kernel', '5x5'], "w.npy': weights of 5x5 filters are not (2, 3, 3)"],
    [[2, 25], ['--kernel', '3x3'], "w.npy': weights of 3x3 filters are not (2, 25)"],
    [[2, 9], [], "'--angle': a convolution needs a direction"],
    [[2, 3, 5], [], 'or [C,K,K] of square filters; these are (2, 3, 5)'],
    [[2, 2, 3, 3], [], 'or [C,K,K] of square filters; these are (2, 2, 3, 3)'],
    [[3, 3, 3], [], 'are for 3 channels'],
    [[2, 4, 4], [], 'must be odd'],
    [
      [2, 9],
      ['--kernel', '9', '--angle', '0'],
      "'--kernel': the weights in --weight say how many taps there are",
    ],
  ] as const)('refuses weights %j with %j', async (shape, flags, words) => {
    const folder = temporaryFolder();
    const [x, w] = ['x.npy', 'w.npy'].map((name) => join(folder, name));
    writeFileSync(x!, encodeNpy([1, 2, 5, 5], new Float32Array(50)));
    writeFileSync(w!, encodeNpy(shape, new Float32Array(shape.reduce((a: number, b) => a * b, 1))));
    const line = ['--input', x!, '--weight', w!, ...flags, '--output', join(folder, 'y.npy')];
    const { exit, stderr } = await cli('conv', ...line);
    expect(exit).toBe(2);
    expect(stderr).toContain(words);
  });
});

const LAYER = problem({ filter: 'square', kernel: 7, height: 14, width: 14, channels: 32, batch: 2 });

describe('--kernel 7x7', () => {
  it('is a layer with square filters', async () => {
    const { exit, stdout } = await cli(
      'generate',
      ...problemFlags(LAYER).split(' '),
      '--list',
      '--filter',
      '*_t14_*d1*',
    );
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^fprop_nhwc_f32_14x14_s1_k7x7_c32__cpp_sheared_t14_/);
  });

  it.each([
    ['--kernel 7x5', /'7x5': a filter that is no line is square, KxK; use for example 7x7/],
    ['--kernel 6x6', /6: .*must be odd/],
    ['--kernel 65x65', /65: the side K of a square filter/],
    ['--kernel 7x7 --angles 0', /\[0\]: a square filter has no direction/],
    ['--kernel 7', /'--angles': a problem needs --size, --kernel and --angles/],
  ])('is refused as %s', async (flags, words) => {
    const { exit, stderr } = await cli('generate', '--size', '9x9', ...flags.split(' '), '--list');
    expect([exit, stderr]).toEqual([2, expect.stringMatching(words)]);
  });

  it('has a name in tables', () => expect(shortName(LAYER)).toBe('nhwc 14x14 K=7x7 C=32 N=2'));
});

test('a file of problems holds squares', () => {
  const path = join(temporaryFolder(), 'problems.json');
  const layer = { filter: 'square', kernel: 7, height: 14, width: 14, channels: 32 };
  writeFileSync(path, JSON.stringify([layer]));
  expect(readProblems(path, 2)).toEqual([LAYER]);
  writeFileSync(path, JSON.stringify([{ ...layer, angles: [0] }]));
  expect(() => readProblems(path, 2)).toThrow(/: problem 0: a square filter has no direction/);
  writeFileSync(path, JSON.stringify([{ ...layer, filter: 'line' }]));
  expect(() => readProblems(path, 2)).toThrow(/: problem 0: a layer needs a list of at least one angle/);
});

describe('taps', () => {
  it('of a square are its pixels', async () => {
    const { stdout } = await cli('taps', '--kernel', '3x3', '--json');
    expect(JSON.parse(stdout)).toEqual({ kernel: 3, filter: 'square', taps: squareTapSet(3).taps });
    expect((await cli('taps', '--kernel', '3x3')).stdout).toContain('K = 3x3: 9 pixels, 0 of them');
  });

  it('are drawn without a direction', async () => {
    const path = join(temporaryFolder(), 'taps.svg');
    await cli('taps', '--kernel', '3x3', '--svg', path);
    expect(readFileSync(path, 'utf8')).toContain('>K = 3x3: 9 pixels</text>');
    expect(
      readFileSync(path, 'utf8').match(/<rect x="[\d.]+" y="[\d.]+" [^>]* stroke="#ffffff"/g),
    ).toHaveLength(9);
  });

  it.each([
    [
      '--kernel 7',
      "'--angle': a line of taps has a direction; add for example --angle 22.5, or use --kernel 7x7",
    ],
    ['--kernel 7x7 --angle 0', '0: a square filter has no direction; leave --angle out, or use --kernel 7'],
  ])('are refused with %s', async (flags, words) => {
    const { exit, stderr } = await cli('taps', ...flags.split(' '));
    expect(exit).toBe(2);
    expect(stderr).toContain(words);
  });
});
