import { expect, it } from 'vitest';
import generated from '../../../../generated/index.js';
import { PAPER_ANGLES, type Problem, problem } from '../../../../generator/problem.js';
import type { CudaDevice } from '../../../../runtime/cuda/device.js';
import { cudaFusion } from '../../../../runtime/plan/cuda/open_cuda_plan.js';

const NARROW = problem({ height: 56, width: 56, kernel: 31, angles: PAPER_ANGLES, channels: 96 });
const H100 = {
  target: { kind: 'cuda', arch: 'sm_90' },
  sharedBytes: 232_448,
  blas: async () => ({}) as NonNullable<Awaited<ReturnType<CudaDevice['blas']>>>,
} as const;

async function layoutOf(
  asked: Problem,
  options: Parameters<typeof cudaFusion>[1] = { products: 'tf32', library: generated },
  change: Partial<Pick<CudaDevice, 'blas' | 'target'>> = {},
) {
  return (await cudaFusion({ ...H100, ...change }, options)).layoutOf(asked);
}

it('is planes where a direction has half a line of a pixel or less', async () => {
  expect(await layoutOf(NARROW)).toBe('nchw');
  expect(await layoutOf(problem({ ...NARROW, channels: 128 }))).toBe('nchw');
  // Of these, too, there are tuned kernels in planes.
  expect(await layoutOf(problem({ ...NARROW, channels: 512 }))).toBe('nhwc');
  expect(await layoutOf(problem({ ...NARROW, filter: 'square', kernel: 7, angles: [] }))).toBe('nhwc');
});

it('is rows where products of ours do not keep up', async () => {
  expect(await layoutOf(NARROW, { products: 'fp32', library: generated })).toBe('nhwc');
  expect(await layoutOf(NARROW, undefined, { blas: async () => undefined })).toBe('nhwc');
});

it('is rows where no kernel of planes was tuned for the layer, on such a GPU', async () => {
  expect(await layoutOf(problem({ ...NARROW, height: 57 }))).toBe('nhwc');
  expect(await layoutOf(NARROW, undefined, { target: { kind: 'cuda', arch: 'sm_80' } })).toBe('nhwc');
  expect(await layoutOf(NARROW, { products: 'tf32' })).toBe('nhwc');
});
