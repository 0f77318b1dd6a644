import type { PublishedKernel } from '../../generator/library/kernel_file.js';
import { layerName } from '../../generator/name.js';
import { PAPER_ANGLES, problem } from '../../generator/problem.js';
import type { Provenance } from '../../runtime/library.js';

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

/** A kernel as the tuner would publish it, told apart by its kernel length; its source is not a real one. */
export function publishedKernel(kernel: number, target = 'cpu:avx512'): PublishedKernel {
  const layer = layerName(problem({ height: 56, width: 56, kernel, angles: PAPER_ANGLES, channels: 512 }));
  return {
    entry: { name: `${layer}__cpp_sheared_t14_l16`, layer, target, provenance: PROVENANCE },
    source: `int kernel_${kernel};\n`,
    template: 'cpp/sheared.cpp.hbs',
    facts: { 'multiply-adds a tile': '434 / 406', loads: '44' },
  };
}
