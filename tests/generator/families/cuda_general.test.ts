import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CUDA_GENERAL_KERNELS,
  cudaGeneralFile,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../../generator/families/cuda_general.js';
import { packagePath } from '../../../generator/package.js';
import { type ProblemSpec, problem } from '../../../generator/problem.js';

describe.each(['fprop', 'dgrad', 'wgrad'] as const)('the general kernel for %s', (op) => {
  it('is what generated/ holds', () => {
    expect(readFileSync(packagePath('generated', cudaGeneralFile(op)), 'utf8')).toBe(cudaGeneralKernel(op));
  });

  it('says where it comes from and exports its names', () => {
    expect(cudaGeneralKernel(op)).toMatch(
      /Do not edit: written by `oriented1d library refresh` from templates\/cuda\//,
    );
    const name = CUDA_GENERAL_KERNELS[op];
    for (const kernel of op === 'wgrad' ? [name] : [name, `${name}_pack`])
      expect(cudaGeneralKernel(op)).toMatch(new RegExp(`extern "C" __global__ void [^;]*\\b${kernel}\\(`));
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

describe('wgrad', () => {
  const WGRAD = { ...LAYER, op: 'wgrad', layout: 'nhwc', channels: 70 } as const;
  const plan = (changed: Partial<ProblemSpec>) =>
    cudaGeneralLaunch('wgrad', problem({ ...WGRAD, ...changed }));

  it('has a block for each chunk of 32 channels, and as many images as make 1024 pixels', () => {
    const images = 7; // of 9x15 pixels
    const partial = { fixedFloats: 3, floatsPerGroup: 8 * 70 };
    expect(plan({})).toEqual({ ...PLAN, packedFloats: 0, blocks: 3, images, partial });
  });

  it('has a block for each channel in NCHW, and as many images as make 16384 pixels', () => {
    const partial = { fixedFloats: 70, floatsPerGroup: 8 * 70 };
    expect(plan({ layout: 'nchw' })).toEqual({ ...PLAN, packedFloats: 0, blocks: 70, images: 121, partial });
  });

  it('splits large planes into bands of equal size', () => {
    const large = plan({ height: 100, width: 100, stride: 1 }); // 10 bands of 1000 pixels
    expect(large).toMatchObject({ blocks: 30, images: 1, partial: { fixedFloats: 3, floatsPerGroup: 5600 } });
  });

  it('has sets of 64 taps for long kernels, and more images for a row of partial sums', () => {
    const long = plan({ kernel: 129 });
    expect(long).toMatchObject({
      blocks: 9,
      images: 30,
      partial: { fixedFloats: 9, floatsPerGroup: 130 * 70 },
    });
    expect(plan({ kernel: 65 }).blocks).toBe(6);
    expect(plan({ kernel: 63 }).blocks).toBe(3);
  });
});
