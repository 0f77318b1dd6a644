import { expect, it } from 'vitest';
import { cpuTable } from '../../bench/cpu_table.js';

const time = (median: number, spread: number) => ({ median, spread });
const provenance = {
  measured: '2026-11-24T13:43:32.454Z',
  machine: { cpu: 'A CPU', isa: 'avx2' },
  compiler: 'g++ 12',
  threads: 1,
  torch: '2.0',
  launchNanoseconds: 41.7,
};

it('the table has a row a layer, each time with its spread, and the cost of a launch below', () => {
  const kernel = 'fprop_nhwc_f32_56x56_s1_k7_a22p5_c512__cpp_sheared_t20_l16_d2_b28_p1_s1';
  const row = { kernel, ours: time(3000, 0.02), copy: time(2500, 0.07), torch: time(6000, 0.01) };
  expect(cpuTable({ provenance, results: [row, { ...row, ours: time(4000, 0.02), torch: null }] })).toBe(
    `| K | angle | ours | spread | copy | spread | to copy | torch | spread | faster |
| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
| 7 | 22.5° | 3.00 | 2 % | 2.50 | 7 % | 1.20 x | 6.00 | 1 % | 2.00 x |
| 7 | 22.5° | 4.00 | 2 % | 2.50 | 7 % | 1.60 x | - | - | - |

The aim is 1.00 x the copy. K = 7 takes 1.20 to 1.60 x.

A CPU (avx2), g++ 12, PyTorch 2.0, 2026-11-24.
A \`run()\` that has nothing to do, one pixel of one channel, takes 42 ns.
`,
  );
});

it('gradients have their operation in front', () => {
  const kernel = 'backward_nhwc_f32_56x56_s1_k7_a0_c512__cpp_sheared_grad_t1_l16_d1_b0_p0_s0';
  const row = { op: 'backward', kernel, ours: time(3000, 0.02), copy: time(2500, 0.07), torch: null };
  const table = cpuTable({ provenance, results: [row] });
  expect(table).toContain('\n| backward 7 | 0° | 3.00 |');
  expect(table).toContain('The aim is 1.00 x the copy. backward K = 7 takes 1.20 to 1.20 x.');
});
