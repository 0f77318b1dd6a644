import { expect, it } from 'vitest';
import { cudaOperation } from '../../generator/operations/cuda/source.js';
import type { GeluForm, Norm, Operation } from '../../generator/operations/operation.js';
import { PAPER_ANGLES } from '../../generator/problem.js';
import { cudaOperationCase, inaccuracy, plainProduct } from '../support/cuda_operation_case.js';
import { emulatedOperation, type OperationRun } from '../support/emulated_operation.js';
import { emulate } from '../support/emulation.js';
import { gelu } from '../support/erf.js';
import { someOperations } from '../support/operation_case.js';

type Case = readonly [operation: Operation, count: number, run?: OperationRun];

function norm(channels: number, affine = false, gelu: GeluForm | null = null): Norm {
  return { kind: 'norm', channels, affine, gelu };
}

function patches(
  layout: 'nchw' | 'nhwc',
  [height, width, channels]: readonly [number, number, number],
  side: number,
  normalize = false,
): Operation {
  return { kind: 'patches', layout, height, width, channels, side, normalize };
}

function stem(
  [height, width]: readonly [number, number],
  channels: number,
  kernel: number,
  angles: readonly number[] = PAPER_ANGLES,
): Operation {
  return { kind: 'stem', height, width, planes: 3, channels, kernel, angles, stride: 2 };
}

/** Rows of whole lines and of odd lengths, of one piece a lane and of many; ends of blocks in the middle. */
const CHOSEN: readonly Case[] = [
  [norm(96, true), 33, { over: 'input' }],
  [norm(64, true, 'exact'), 70],
  [norm(44, true, 'tanh'), 40],
  [norm(1030), 3],
  [{ kind: 'gelu', channels: 20, form: 'exact' }, 900, { over: 'input' }],
  [{ kind: 'gelu', channels: 7, form: 'exact' }, 150],
  [{ kind: 'gelu', channels: 22, form: 'tanh' }, 90, { over: 'input' }],
  [patches('nchw', [18, 20, 3], 4), 2],
  [patches('nchw', [5, 9, 40], 2), 2],
  [patches('nhwc', [9, 7, 96], 2, true), 2],
  [patches('nhwc', [9, 7, 192], 2), 2],
  [stem([61, 40], 64, 31), 2],
  [stem([30, 64], 12, 15, [90, 22.5, 10]), 1],
  [{ kind: 'pool', pixels: 49, channels: 150 }, 2],
  [plainProduct(36, 70, true), 67, { over: 'residual' }],
  [{ ...norm(96), planes: { pixels: 35, of: 'input' } }, 105],
  [{ ...norm(45, true, 'exact'), planes: { pixels: 7, of: 'input' } }, 70],
  [{ ...norm(64), planes: { pixels: 36, of: 'input' } }, 108],
  [{ ...norm(1, true), planes: { pixels: 600, of: 'input' } }, 1200],
  [{ ...norm(3), planes: { pixels: 26, of: 'input' } }, 52],
  [{ ...norm(64, true, 'exact'), planes: { pixels: 50, of: 'output' } }, 100],
  [{ ...norm(1030), planes: { pixels: 3, of: 'output' } }, 6],
  [{ ...plainProduct(36, 70, true), planes: { pixels: 27, of: 'output' } }, 81, { over: 'residual' }],
  [{ ...plainProduct(36, 72, true), planes: { pixels: 27, of: 'residual' } }, 81],
  [{ ...plainProduct(12, 10, false), planes: { pixels: 5, of: 'output' } }, 15],
  [plainProduct(17, 64, false), 130],
];

/** Rows and images behind so many others that offsets are beyond 32 bits. */
const LATE: readonly Case[] = [
  [norm(48), 5, { lead: 2 ** 27 }],
  [{ ...norm(48), planes: { pixels: 4, of: 'input' } }, 8, { lead: 2 ** 27 }],
  [{ ...norm(48), planes: { pixels: 4, of: 'output' } }, 8, { lead: 2 ** 27 }],
  [{ kind: 'gelu', channels: 48, form: 'exact' }, 5, { lead: 2 ** 27 }],
  [patches('nchw', [4, 4, 3], 4), 2, { lead: 2 ** 27 }],
  [patches('nhwc', [3, 5, 12], 2, true), 2, { lead: 2 ** 26 }],
  [patches('nhwc', [2, 2, 12], 2), 2, { lead: 2 ** 27 }],
  [stem([2, 6], 12, 5), 2, { lead: 2 ** 27 }],
  [{ kind: 'pool', pixels: 4, channels: 12 }, 2, { lead: 2 ** 27 }],
  [plainProduct(36, 40, true), 3, { lead: 2 ** 27 }],
];

/** An image's pixels as rows, and stems in as much shared memory as some GPUs' blocks have, or as makes regions of 8 outputs. */
const LESS_ROOM: readonly Case[] = [
  [patches('nchw', [9, 7, 3], 1), 2],
  [plainProduct(3, 64, false), 70],
  inRoom(99 << 10, [stem([111, 50], 12, 31), 1]),
  inRoom(40 << 10, [stem([37, 41], 64, 31, [90, 22.5, 45, 157.5]), 2]),
  inRoom(31 << 10, [stem([33, 20], 7, 29), 1]),
];

function inRoom(room: number, [op, count]: readonly [Operation, number]): Case {
  return [op, count, { kernel: cudaOperation(op, room) }];
}

const ANY: readonly Case[] = [
  ...someOperations(4, 11).map(({ operation, count }): Case => [operation, count]),
  [plainProduct(5, 3, true), 2],
];

/** The exact form's error is of one part in 10 million, and what is left of it from -6.2 on 2e-9. */
it.each([
  ['tanh', 1e-6, 0],
  ['exact', 3e-7, 3e-9],
] as const)(
  'GELU in its %s form is its formula from -10 to 10, and has its limits',
  async (form, most, left) => {
    const ends = [0, 40, -40, 3e38, -3e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    const length = 4096;
    const input = Float32Array.from({ length }, (_, i) => ends[i] ?? (20 * i) / (length - 1) - 10);
    const one = cudaOperationCase({ kind: 'gelu', channels: 64, form }, length / 64);
    const [y] = await emulate([emulatedOperation({ ...one, input })]);
    expect([...y!.subarray(0, ends.length)].map((value) => (Math.abs(value) <= left ? 0 : value))).toEqual(
      ends.map((end) => (end > 0 || Number.isNaN(end) ? Math.fround(end) : 0)),
    );
    const errors = y!.subarray(ends.length).map((value, i) => value - gelu(input[ends.length + i]!, form));
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(most);
  },
);

/** Of sums of so few products in float32. */
const TOLERANCE = 4e-6;

it.each([
  ['chosen shapes, in place where that is allowed', CHOSEN],
  ['rows and images far behind the first', LATE],
  ['any shapes', ANY],
  ['little shared memory', LESS_ROOM],
])('operations are their formulas on %s, and touch nothing beside their arrays', async (_, cases) => {
  const given = cases.map(([op, count]) => cudaOperationCase(op, count));
  const outputs = await emulate(given.map((one, i) => emulatedOperation(one, cases[i]![2])));
  expect(given.map((one, i) => inaccuracy(one, outputs[i]!, TOLERANCE)).filter(Boolean)).toEqual([]);
});
