import { expect, it } from 'vitest';
import { cudaTable } from '../../bench/cuda_table.js';

const provenance = {
  measured: '2026-11-24T16:43:32.454Z',
  gpu: { name: 'A GPU', driver: '13.0' },
  compiler: 'NVRTC 13.0',
  torch: '2.11',
};

function result(angles: string, channels: number, [ours, copy]: readonly [number, number], torch?: number) {
  const time = (median: number) => ({ median, spread: 0.01 });
  return {
    kernel: `fprop_nhwc_f32_56x56_s1_k31_a${angles}_c${channels}__cuda_staged_c16_t4_p0_w18_m1`,
    batch: 64,
    ours: time(ours),
    copy: time(copy),
    torch: torch === undefined ? null : time(torch),
    resources: { registers: 96 },
  };
}

it('has a row a layer, with the mean and the worst of its angles alone where they were measured', () => {
  const first = [
    result('0i22p5x8', 512, [110, 100], 500),
    result('0', 512, [102, 100]),
    result('22p5', 512, [108, 100]),
  ];
  const second = [result('0i22p5x8', 64, [12, 10])];
  expect(
    cudaTable([
      { provenance, results: first },
      { provenance, results: second },
    ]),
  ).toBe(
    `| layer | copy | ours | to copy | one angle: mean | worst | torch | faster |
| --- | --: | --: | --: | --: | --: | --: | --: |
| nhwc 56x56, C=512, N=64, K=31 | 100.0 | 110.0 | 1.10 x | 1.05 x | 1.08 x | 500 | 4.55 x |
| nhwc 56x56, C=64, N=64, K=31 | 10.0 | 12.0 | 1.20 x | - | - | - | - |

A GPU, driver for CUDA 13.0, NVRTC 13.0, PyTorch 2.11, 2026-11-24.
`,
  );
});

it('tells gradients from fprop, and dgrad from the fprop that computes it', () => {
  const one = { ...result('0i22p5x8', 512, [150, 100]), op: 'backward' };
  const backward = { ...one, kernel: one.kernel.replace('fprop', 'backward') };
  const alone = result('0', 512, [110, 100]);
  const dgrad = { ...result('0i22p5x8', 512, [120, 100]), op: 'dgrad' };
  const lines = cudaTable([{ provenance, results: [backward, dgrad, alone] }]).split('\n');
  expect(lines.slice(2, 4)).toEqual([
    '| backward nhwc 56x56, C=512, N=64, K=31 | 100.0 | 150.0 | 1.50 x | - | - | - | - |',
    '| dgrad nhwc 56x56, C=512, N=64, K=31 | 100.0 | 120.0 | 1.20 x | - | - | - | - |',
  ]);
});

it('refuses documents of two GPUs', () => {
  const other = { ...provenance, gpu: { name: 'Another GPU', driver: '13.0' } };
  expect(() =>
    cudaTable([
      { provenance, results: [] },
      { provenance: other, results: [] },
    ]),
  ).toThrow('Another GPU');
});

it('refuses what is no such document', () => {
  expect(() => cudaTable([{ provenance: { ...provenance, gpu: undefined }, results: [] }])).toThrow('gpu');
});
