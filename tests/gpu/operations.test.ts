import { expect, it } from 'vitest';
import { type Operation, operationName } from '../../generator/operations/operation.js';
import { operationKernel } from '../../runtime/plan/cuda/operation_kernel.js';
import { cudaOperationCase, inaccuracy, plainProduct } from '../support/cuda_operation_case.js';
import { onGpu } from '../support/gpu.js';
import { onGpuResult } from '../support/gpu_operation.js';
import { someOperations } from '../support/operation_case.js';
import { tinyOperations } from '../support/tiny_operations.js';

type Case = readonly [
  name: string,
  operation: Operation,
  count: number,
  over: 'input' | 'residual' | undefined,
];

/** The tiny network's, on two images, and others: odd widths, products of many tiles and of parts of one. */
const CASES: readonly Case[] = [
  ...tinyOperations(2).filter(([op]) => op.kind !== 'product'),
  ...someOperations(6, 5).map(({ operation, count }) => [operation, count] as const),
  [plainProduct(96, 384, false), 300] as const,
  [plainProduct(7, 10, true), 67] as const,
].map(([op, count]) => [`${operationName(op)} x${count}`, op, count, undefined]);

const OVER: readonly Case[] = [
  ['norm', { kind: 'norm', channels: 384, affine: true, gelu: 'exact' }, 1001, 'input'],
  ['gelu', { kind: 'gelu', channels: 1536, form: 'exact' }, 333, 'input'],
  ['gelu by tanh', { kind: 'gelu', channels: 1536, form: 'tanh' }, 333, 'input'],
  ['product', plainProduct(52, 20, true), 777, 'residual'],
];

/** TF32 keeps 10 bits of a factor's fraction: what a result may be off by, and what it is off by at least. */
const STEMS = CASES.flatMap(([name, op, count]) =>
  op.kind === 'stem' && op.kernel > 5 ? [[name, op, count, [1e-5, 1e-2]] as const] : [],
);

/** Of sums of so few products in float32. */
const TOLERANCE = 1e-5;

onGpu("an operation's kernel", (gpu) => {
  it.each([...CASES, ...OVER])('is its formula: %s', async (_, op, count, over) => {
    const given = cudaOperationCase(op, count);
    const kernel = await operationKernel({ operation: op, count }, gpu, false, {});
    expect(inaccuracy(given, await onGpuResult(gpu, kernel, given, over), TOLERANCE)).toBeUndefined();
  });

  it.each(STEMS)('is its formula in TF32: %s', async (_, op, count, [least, most]) => {
    const given = cudaOperationCase(op, count);
    const kernel = await operationKernel({ operation: op, count }, gpu, true, {});
    const made = await onGpuResult(gpu, kernel, given);
    expect(inaccuracy(given, made, most)).toBeUndefined();
    expect(inaccuracy(given, made, least)).toBeDefined();
  });
});
