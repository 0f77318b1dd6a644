import { beforeAll, expect, it } from 'vitest';
import { render } from '../../generator/template.js';
import { type EmulatedRun, emulate } from '../support/emulation.js';
import { wholeNumbers } from '../support/numbers.js';

/** Of whole numbers, whose sums are exact. */
const LENGTHS = [1, 3, 64, 255, 256, 257, 1030, 4099];
const THREADS = 64;
const BLOCKS = 5;

const text = render('cuda/mean.cu.hbs', { symbol: 'mean', threads: THREADS });

const INPUTS = LENGTHS.map((length) => wholeNumbers(length));

function run(data: Float32Array): EmulatedRun {
  const { length } = data;
  return {
    text,
    inputs: { x: { data } },
    scratch: { partial: BLOCKS },
    output: { length: 1 },
    launches: [
      { kernel: 'mean', args: `x, ${length}LL, partial`, blocks: BLOCKS, threads: THREADS, sharedBytes: 0 },
      {
        kernel: 'mean_end',
        args: `partial, ${BLOCKS}, ${length}LL, output`,
        ...{ blocks: 1, threads: THREADS, sharedBytes: 0 },
      },
    ],
  };
}

let means: readonly Float32Array[];
beforeAll(async () => {
  means = await emulate(INPUTS.map(run));
}, 120_000);

it.each(LENGTHS.map((length, i) => [length, i] as const))('the mean of %i numbers', (length, i) => {
  const sum = INPUTS[i]!.reduce((total, value) => total + value, 0);
  expect(means[i]).toEqual(Float32Array.of(Math.fround(Math.fround(sum) / Math.fround(length))));
});
