import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  CUDA_GENERAL_FILE,
  CUDA_GENERAL_KERNEL,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../../generator/families/cuda_general.js';
import { packagePath } from '../../../generator/package.js';
import { problem } from '../../../generator/problem.js';

it('is what generated/ holds', () => {
  expect(readFileSync(packagePath('generated', CUDA_GENERAL_FILE), 'utf8')).toBe(cudaGeneralKernel());
});

it('says where it comes from and exports its names', () => {
  expect(cudaGeneralKernel()).toMatch(
    /Do not edit: written by `oriented1d library refresh` from templates\/cuda\//,
  );
  for (const name of [CUDA_GENERAL_KERNEL, `${CUDA_GENERAL_KERNEL}_pack`])
    expect(cudaGeneralKernel()).toMatch(new RegExp(`extern "C" __global__ void [^;]*\\b${name}\\(`));
});

it('has a thread for every four outputs of a column, and a packed float for every weight and bias', () => {
  const p = problem({ height: 18, width: 30, stride: 2, kernel: 7, angles: [0], channels: 10, batch: 3 });
  expect(cudaGeneralLaunch(p)).toEqual({
    kind: 'launch-plan',
    threads: 256,
    blocks: 2, // 10 channels, 15 columns, 3 bands of the 9 rows: 450 threads
    images: 1,
    sharedBytes: 0,
    packedFloats: 80,
  });
});
