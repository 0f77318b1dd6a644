import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inputElements, outputElements, type Problem, problem } from '../../generator/problem.js';
import { anyLayer } from '../support/arbitrary.js';
import { emulatedGeneral } from '../support/emulated_kernel.js';
import { type EmulatedRun, emulate } from '../support/emulation.js';
import { formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';

const LAYERS = 40;

interface Case {
  readonly name: string;
  readonly run: EmulatedRun;
  readonly expected: Float64Array;
}

const anyCase = fc.record({ layer: anyLayer, hasBias: fc.boolean(), resid: fc.boolean() });

function random(): readonly Case[] {
  return fc.sample(anyCase, { seed: 7, numRuns: LAYERS }).map(({ layer, hasBias, resid }) => {
    const p = problem(layer);
    const given = operands(p, wholeNumbers, hasBias, resid);
    const run = emulatedGeneral({ problem: p, operands: given });
    return { name: JSON.stringify(layer), run, expected: formula(p, given) };
  });
}

/** Images behind so many others that the batch has more than 2^32 floats. */
function lateImages(layout: Problem['layout']): Case {
  const p = problem({
    layout,
    height: 37,
    width: 11,
    kernel: 15,
    angles: [22.5, 90],
    channels: 37,
    batch: 2,
  });
  const given = operands(p, wholeNumbers, true, true);
  const run = emulatedGeneral({ problem: p, operands: given, lead: 300_000 });
  return { name: `late images in ${layout}`, run, expected: formula(p, given) };
}

/** What the last block computes of an image of more than 2^32 floats: 4 rows a thread. */
function lateRows(): Case {
  const whole = problem({ layout: 'nchw', height: 2 ** 30 + 2 ** 20, width: 4, kernel: 31, angles: [67.5] });
  const present = problem({ ...whole, height: 300 });
  const given = operands(present, wholeNumbers, true, true);
  const { launches, inputs, ...general } = emulatedGeneral({ problem: whole, operands: given });
  const [pack, convolve] = launches;
  const length = 4 * convolve!.threads;
  return {
    name: 'late rows',
    run: {
      ...general,
      inputs: { ...inputs, input: { data: given.input, lead: inputElements(whole) - given.input.length } },
      output: { length, lead: outputElements(whole) - length },
      launches: [pack!, { ...convolve!, firstBlock: convolve!.blocks - 1 }],
    },
    expected: formula(present, given).slice(-length),
  };
}

it('is the formula for any layer, and touches nothing beside its arrays', async () => {
  const cases = [...random(), lateImages('nchw'), lateImages('nhwc'), lateRows()];
  const outputs = await emulate(cases.map(({ run }) => run));
  const wrong = cases.map(({ name, expected }, i) => [name, difference(outputs[i]!, expected)]);
  expect(wrong.filter(([, found]) => found)).toEqual([]);
});
