import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inputElements, outputElements, type Problem, problem } from '../../generator/problem.js';
import { anyLayer } from '../support/arbitrary.js';
import { emulatedGeneral } from '../support/emulated_kernel.js';
import { type EmulatedRun, emulate } from '../support/emulation.js';
import { dgradFormula, formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';

type ConvolutionOp = 'fprop' | 'dgrad';

const LAYERS = 40;
const FORMULAS = { fprop: formula, dgrad: dgradFormula } as const;

interface Case {
  readonly name: string;
  readonly run: EmulatedRun;
  readonly expected: Float64Array;
}

const anyCase = fc.record({ layer: anyLayer, hasBias: fc.boolean(), resid: fc.boolean() });

function random(op: ConvolutionOp): readonly Case[] {
  return fc.sample(anyCase, { seed: 7, numRuns: LAYERS }).map(({ layer, hasBias, resid }) => {
    const p = problem({ ...layer, op });
    const given = operands(p, wholeNumbers, hasBias && op === 'fprop', resid);
    const run = emulatedGeneral(op, { problem: p, operands: given });
    return { name: `${op} of ${JSON.stringify(layer)}`, run, expected: FORMULAS[op](p, given) };
  });
}

/** Images behind so many others that the batch has more than 2^32 floats. */
function lateImages(op: ConvolutionOp, layout: Problem['layout']): Case {
  const p = problem({
    op,
    layout,
    height: 37,
    width: 11,
    kernel: 15,
    angles: [22.5, 90],
    channels: 37,
    batch: 2,
  });
  const given = operands(p, wholeNumbers, op === 'fprop', true);
  const run = emulatedGeneral(op, { problem: p, operands: given, lead: 300_000 });
  return { name: `${op} of late images in ${layout}`, run, expected: FORMULAS[op](p, given) };
}

/** What the last block computes of an image of more than 2^32 floats: 4 rows a thread. */
function lateRows(op: ConvolutionOp): Case {
  const height = 2 ** 30 + 2 ** 20;
  const whole = problem({ op, layout: 'nchw', height, width: 4, kernel: 31, angles: [67.5] });
  const present = problem({ ...whole, height: 300 });
  const given = operands(present, wholeNumbers, op === 'fprop', true);
  const { launches, inputs, ...general } = emulatedGeneral(op, { problem: whole, operands: given });
  const [pack, convolve] = launches;
  const length = 4 * convolve!.threads;
  return {
    name: `${op} of late rows`,
    run: {
      ...general,
      inputs: { ...inputs, input: { data: given.input, lead: inputElements(whole) - given.input.length } },
      output: { length, lead: outputElements(whole) - length },
      launches: [pack!, { ...convolve!, firstBlock: convolve!.blocks - 1 }],
    },
    expected: FORMULAS[op](present, given).slice(-length),
  };
}

/** Strides far beyond the plane, up to the largest that there is: a multiple of them is no 32-bit number. */
function wideStrides(op: ConvolutionOp): readonly Case[] {
  return [40, 2 ** 30, 2 ** 31 - 1].flatMap((stride) =>
    (['nhwc', 'nchw'] as const).map((layout) => {
      const p = problem({
        op,
        layout,
        height: 9,
        width: 5,
        stride,
        kernel: 7,
        angles: [0, 67.5],
        channels: 6,
      });
      const given = operands(p, wholeNumbers, false, false);
      const run = emulatedGeneral(op, { problem: p, operands: given });
      return { name: `${op} at stride ${stride} in ${layout}`, run, expected: FORMULAS[op](p, given) };
    }),
  );
}

it.each(['fprop', 'dgrad'] as const)(
  'is the formula of %s for any layer, and touches nothing beside its arrays',
  async (op) => {
    const late = [lateImages(op, 'nchw'), lateImages(op, 'nhwc'), lateRows(op)];
    const cases = [...random(op), ...wideStrides(op), ...late];
    const outputs = await emulate(cases.map(({ run }) => run));
    const wrong = cases.map(({ name, expected }, i) => [name, difference(outputs[i]!, expected)]);
    expect(wrong.filter(([, found]) => found)).toEqual([]);
  },
);
