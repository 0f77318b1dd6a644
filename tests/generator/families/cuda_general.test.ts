import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CUDA_GENERAL_KERNELS,
  cudaGeneralFile,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../../generator/families/cuda_general.js';
import { packagePath } from '../../../generator/package.js';
import { problem } from '../../../generator/problem.js';

describe.each(['fprop', 'dgrad'] as const)('the general kernel for %s', (op) => {
  it('is what generated/ holds', () => {
    expect(readFileSync(packagePath('generated', cudaGeneralFile(op)), 'utf8')).toBe(cudaGeneralKernel(op));
  });

  it('says where it comes from and exports its names', () => {
    expect(cudaGeneralKernel(op)).toMatch(
      /Do not edit: written by `oriented1d library refresh` from templates\/cuda\//,
    );
    for (const name of [CUDA_GENERAL_KERNELS[op], `${CUDA_GENERAL_KERNELS[op]}_pack`])
      expect(cudaGeneralKernel(op)).toMatch(new RegExp(`extern "C" __global__ void [^;]*\\b${name}\\(`));
  });
});

const LAYER = { height: 18, width: 30, stride: 2, kernel: 7, angles: [0], channels: 10, batch: 3 };
const PLAN = { kind: 'launch-plan', threads: 256, images: 1, sharedBytes: 0, packedFloats: 80 };

it('has a thread for every four outputs of a column, and a packed float for every weight and bias', () => {
  const blocks = 2; // 10 channels, 15 columns, 3 bands of the 9 rows: 450 threads
  expect(cudaGeneralLaunch('fprop', problem(LAYER))).toEqual({ ...PLAN, blocks });
});

it('has a thread for every four rows that are a stride apart, in dgrad', () => {
  const blocks = 8; // 10 channels, 30 columns, 3 bands of the 9 rows of each of 2 remainders: 1800 threads
  expect(cudaGeneralLaunch('dgrad', problem({ ...LAYER, op: 'dgrad' }))).toEqual({ ...PLAN, blocks });
});
