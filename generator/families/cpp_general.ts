import { render, type TemplateData } from '../template.js';
import { GENERAL_KERNELS, type GeneralOp } from './general_name.js';

/** Where an operation's lies below generated/; CMakeLists.txt compiles it into the addon. */
export function generalFile(op: GeneralOp): string {
  return `general/${GENERAL_KERNELS[op]}.cpp`;
}

/** A general kernel's text: float32, both layouts. `library refresh` writes it to {@link generalFile}. */
export function generalKernel(op: GeneralOp): string {
  const template = `cpp/general_${op}.cpp.hbs`;
  return render(template, {
    abi: 1,
    name: GENERAL_KERNELS[op],
    template,
    command: 'oriented1d library refresh',
    ...(op === 'wgrad' ? WGRAD : CONVOLUTION),
  });
}

const CONVOLUTION: TemplateData = {
  // Sums held in registers at once: 64 floats are 8 AVX registers; the rest is for groups that 64 does not divide.
  blocks: [64, 32, 8, 4, 1],
  // 16 rows of a 56-wide plane and the rows around them that K = 31 reads stay within 32 KiB.
  bandRows: 16,
};

/** Taps a walk: with 16 lanes 6 sums are 12 of the 16 AVX registers, and dy takes 2. */
const TAPS = 6;
const LANES = 16;

const WGRAD: TemplateData = {
  taps: TAPS,
  counts: Array.from({ length: TAPS }, (_, i) => i + 1),
  lanes: LANES,
  widths: [LANES, LANES / 2].map((lanes) => ({ lanes, bytes: 4 * lanes })),
  isas: [
    {
      space: 'avx512',
      attribute: '__attribute__((target("avx512f,fma")))',
      condition: '__builtin_cpu_supports("avx512f")',
    },
    {
      space: 'avx2',
      attribute: '__attribute__((target("avx2,fma")))',
      condition: '__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")',
    },
  ],
  // The copies of a 56x56 plane and its dy, 16 channels of each, stay within half a MiB.
  tileRows: 64,
  nhwcColumns: 64,
  nchwColumns: 256,
  // 31 taps of stride 1 share a copy. Those of a walk lie next to each other at stride 1, and nearly so on other lattices.
  reach: 32,
  spread: 8,
  // 32 pixels of 16 channels, of as many rows as a walk of steep taps has, are 12 KiB.
  strip: 32 * LANES,
  most: 4096,
  units: 256,
  // 64 MiB.
  partialFloats: 2 ** 24,
};
