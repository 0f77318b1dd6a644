import { expect, it } from 'vitest';
import { PAPER_ANGLES, type Problem, problem } from '../../../../generator/problem.js';
import type { CudaDevice } from '../../../../runtime/cuda/device.js';
import { cudaFusion } from '../../../../runtime/plan/cuda/open_cuda_plan.js';
import type { ProductType } from '../../../../runtime/plan/product_type.js';

const NARROW = problem({ height: 56, width: 56, kernel: 31, angles: PAPER_ANGLES, channels: 96 });
const H100 = {
  target: { kind: 'cuda', arch: 'sm_90' },
  sharedBytes: 232_448,
  blas: async () => ({}) as NonNullable<Awaited<ReturnType<CudaDevice['blas']>>>,
} as const;

async function layoutOf(
  asked: Problem,
  products: ProductType = 'tf32',
  change: Partial<Pick<CudaDevice, 'blas' | 'target'>> = {},
) {
  return (await cudaFusion({ ...H100, ...change }, products)).layoutOf(asked);
}

it('is planes where a direction has half a line of a pixel or less', async () => {
  expect(await layoutOf(NARROW)).toBe('nchw');
  expect(await layoutOf(problem({ ...NARROW, channels: 128 }))).toBe('nchw');
  expect(await layoutOf(problem({ ...NARROW, channels: 136 }))).toBe('nhwc');
  expect(await layoutOf(problem({ ...NARROW, filter: 'square', kernel: 7, angles: [] }))).toBe('nhwc');
});

it('is rows where products of ours do not keep up', async () => {
  expect(await layoutOf(NARROW, 'fp32')).toBe('nhwc');
  expect(await layoutOf(NARROW, 'tf32', { blas: async () => undefined })).toBe('nhwc');
  expect(await layoutOf(NARROW, 'tf32', { target: { kind: 'cuda', arch: 'sm_75' } })).toBe('nhwc');
});

it('is rows where planes have no kernel but the general one', async () => {
  expect(await layoutOf(problem({ ...NARROW, kernel: 1001 }))).toBe('nhwc');
});
