import type { LaunchPlan } from '../../generator/launch.js';
import type { Provenance } from '../../generator/library/entry.js';
import type { PublishedKernel } from '../../generator/library/kernel_file.js';
import { layerName } from '../../generator/name.js';
import { PAPER_ANGLES, problem } from '../../generator/problem.js';

export const PROVENANCE: Provenance = Object.freeze({
  batch: 64,
  threads: 2,
  median: 1234.56,
  default: 2469.12,
  copy: 1000,
  trials: 12,
  machine: 'A CPU at 2 GHz',
  compiler: 'g++ 13.2.0',
  measured: '2025-11-24T12:00:00.000Z',
});

export const LAUNCH: LaunchPlan = Object.freeze({
  kind: 'launch-plan',
  threads: 128,
  blocks: 784,
  images: 1,
  sharedBytes: 0,
  packedFloats: 16384,
  inputMap: Object.freeze({ kind: 'tensor-map', sizes: [512, 56, 56], box: [32, 8, 8, 1] }),
});

/** A kernel as the tuner would publish it, told apart by its kernel length; its source is not a real one. */
export function publishedKernel(kernel: number, target = 'cpu:avx512'): PublishedKernel {
  const layer = layerName(problem({ height: 56, width: 56, kernel, angles: PAPER_ANGLES, channels: 512 }));
  return {
    entry: { name: `${layer}__cpp_sheared_t14_l16`, layer, target, provenance: PROVENANCE },
    source: `int kernel_${kernel};\n`,
    template: 'cpp/sheared.cpp.hbs',
    facts: { 'multiply-adds a tile': '434 / 406', loads: '44' },
    ...(target.startsWith('cuda:') && { launch: LAUNCH }),
  };
}

/** A kernel of a GPU, with an image that is not a real one and no text either. */
export function publishedCudaKernel(kernel: number, target = 'cuda:sm_90'): PublishedKernel {
  const { entry, ...rest } = publishedKernel(kernel, target);
  const provenance = { ...PROVENANCE, threads: 1, machine: 'NVIDIA H100 80GB HBM3', compiler: 'NVRTC 13.0' };
  const bytes = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe, 0x80, 10, kernel]);
  return { ...rest, entry: { ...entry, provenance }, image: { bytes, compiler: 'nvcc 13.0.88' } };
}
