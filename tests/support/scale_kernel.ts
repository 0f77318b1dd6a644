import type { LaunchPlan } from '../../generator/launch.js';
import { packagePath } from '../../generator/package.js';
import { type Problem, problem } from '../../generator/problem.js';

/** The simplest layer: y = w * x + b, 256 pixels an image. */
export const SCALE_PROBLEM: Problem = problem({ height: 16, width: 16, kernel: 1, angles: [0], batch: 3 });

/** A PTX of `scale` for it, for any GPU. */
export const SCALE_PTX = packagePath('tests', 'support', 'scale.ptx');

export const SCALE_PLAN: LaunchPlan = Object.freeze({
  kind: 'launch-plan',
  threads: 256,
  blocks: 1,
  images: 1,
  sharedBytes: 0,
  packedFloats: 2,
});

/** The same with its pixels taken through so much shared memory, and stored `beside` where they belong. */
export function scaleText(sharedBytes: number, beside = '0'): string {
  return `
extern __shared__ float staged[];
extern "C" __global__ void scale(const float* x, const float* packed, float* y, int batch) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x, last = ${sharedBytes} / 4 - 1;
  staged[last - threadIdx.x] = x[i];
  __syncthreads();
  y[i + ${beside}] = packed[0] * staged[last - threadIdx.x] + packed[1];
}
extern "C" __global__ void scale_pack(const float* w, const float* b, float centre, float* packed) {
  if (threadIdx.x == 0) packed[0] = w[0] + centre;
  if (threadIdx.x == 1) packed[1] = b ? b[0] : 0;
}`;
}
