import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cudaGeneralLaunch } from '../../generator/families/cuda_general.js';
import { kernelGrid } from '../../generator/launch.js';
import { type Problem, type ProblemSpec, problem } from '../../generator/problem.js';
import { anyLayer } from '../support/arbitrary.js';
import { emulatedWgrad } from '../support/emulated_wgrad.js';
import { type EmulatedRun, emulate } from '../support/emulation.js';
import { type WgradOperands, wgradFormula } from '../support/formula.js';
import { gradientOperands } from '../support/gradient_operands.js';
import { difference, fractions, wholeNumbers } from '../support/numbers.js';

const LAYERS = 12;
const LAYOUTS = ['nhwc', 'nchw'] as const;

interface Case {
  readonly name: string;
  readonly run: EmulatedRun;
  readonly expected: Float64Array;
}

function wgradCase(spec: ProblemSpec, numbers = wholeNumbers): Case {
  const p = problem({ ...spec, op: 'wgrad' });
  const operands = gradientOperands(p, numbers);
  return {
    name: JSON.stringify(spec),
    run: emulatedWgrad({ problem: p, operands, launches: 2 }),
    expected: formula(p, operands, 2),
  };
}

function formula(p: Problem, operands: WgradOperands, launches: number): Float64Array {
  const { weightGrad, biasGrad } = wgradFormula(p, operands);
  const once = [...weightGrad, ...biasGrad];
  return Float64Array.from(Array<number[]>(launches).fill(once).flat());
}

/** Many images a block, many bands, many sets of taps, chunks that meet in a group or hold several. */
const SPLITS: readonly ProblemSpec[] = LAYOUTS.flatMap((layout) => [
  {
    layout,
    height: 5,
    width: 4,
    kernel: 7,
    angles: [22.5, 90],
    channels: 3,
    batch: layout === 'nhwc' ? 120 : 900,
  },
  { layout, height: 150, width: 131, kernel: 9, angles: [112.5], channels: 1 },
  { layout, height: 3, width: 9, kernel: 255, angles: [0, 45], channels: 2, batch: 2 },
  { layout, height: 2, width: 3, kernel: 1001, angles: [10], channels: 1 },
  {
    layout,
    height: 6,
    width: 6,
    kernel: 15,
    angles: [0, 22.5, 45, 67.5, 90, 112.5, 135, 157.5],
    channels: 77,
  },
]);

/** Strides far beyond the plane, up to the largest that there is: a multiple of them is no 32-bit number. */
const STRIDES: readonly ProblemSpec[] = LAYOUTS.flatMap((layout) =>
  [40, 2 ** 30, 2 ** 31 - 1].map((stride) => {
    return { layout, height: 9, width: 5, stride, kernel: 7, angles: [0, 67.5], channels: 6 };
  }),
);

/** Images behind so many others that the batch has more than 2^32 floats. */
function lateImages(layout: Problem['layout']): Case {
  const layer = {
    op: 'wgrad',
    layout,
    height: 37,
    width: 44,
    kernel: 3,
    angles: [22.5, 90],
    channels: 9,
  } as const;
  const { images, blocks } = cudaGeneralLaunch('wgrad', problem(layer));
  const whole = problem({ ...layer, batch: Math.ceil(300_000 / images) * images });
  const present = problem({ ...layer, batch: images });
  const operands = gradientOperands(present, wholeNumbers);
  const firstBlock = kernelGrid(cudaGeneralLaunch('wgrad', whole), whole.batch).blocks - blocks;
  return {
    name: `late images in ${layout}`,
    run: emulatedWgrad({ problem: whole, operands, launches: 1, firstBlock }),
    expected: formula(present, operands, 1),
  };
}

/** The last band of an image of more than 2^32 floats. */
function lateRows(layout: Problem['layout'], width: number, channels: number): Case {
  const height = 2 ** 30 + 2 ** 20;
  const whole = problem({ op: 'wgrad', layout, height, width, kernel: 3, angles: [67.5], channels });
  const plan = cudaGeneralLaunch('wgrad', whole);
  const rows = height / plan.blocks;
  const above = 8;
  const present = problem({ ...whole, height: above + rows });
  const { input, grad } = gradientOperands(present, wholeNumbers);
  grad.fill(0, 0, above * width * channels);
  return {
    name: `late rows in ${layout}`,
    run: emulatedWgrad({
      problem: whole,
      operands: { input, grad },
      launches: 1,
      firstBlock: plan.blocks - 1,
    }),
    expected: formula(present, { input, grad }, 1),
  };
}

it('is the formula for any layer, launch after launch, and touches nothing beside its arrays', async () => {
  const layers = [...fc.sample(anyLayer, { seed: 7, numRuns: LAYERS }), ...SPLITS, ...STRIDES];
  const late = [...LAYOUTS.map(lateImages), lateRows('nchw', 4, 1), lateRows('nhwc', 1, 4)];
  const cases = [...layers.map((layer) => wgradCase(layer)), ...late];
  const outputs = await emulate(cases.map(({ run }) => run));
  const wrong = cases.map(({ name, expected }, i) => [name, difference(outputs[i]!, expected)]);
  expect(wrong.filter(([, found]) => found)).toEqual([]);
});

// The emulation compares orders of blocks and threads bit by bit; sums of fractions depend on the order that they are added in.
it('gives the same bits whichever blocks end last, close to the formula', async () => {
  const cases = LAYOUTS.map((layout) =>
    wgradCase(
      { layout, height: 33, width: 17, kernel: 9, angles: [0, 67.5], channels: 3, batch: 70 },
      fractions,
    ),
  );
  const outputs = await emulate(cases.map(({ run }) => run));
  cases.forEach(({ expected }, i) => {
    const bound = 1e-5 * Math.max(...expected.map(Math.abs));
    expect(outputs[i]!.findIndex((value, at) => !(Math.abs(value - expected[at]!) < bound))).toBe(-1);
  });
});
