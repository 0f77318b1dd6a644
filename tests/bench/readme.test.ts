import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readmeWithResults, resultsTable } from '../../bench/readme.js';
import { packagePath } from '../../generator/package.js';

it('README.md says what bench/results/ measured; `npm run readme` writes it', () => {
  expect(readFileSync(packagePath('README.md'), 'utf8')).toBe(readmeWithResults());
});

it('the table has a row a layer, each time with its spread, and the cost of a launch below', () => {
  const time = (median: number, spread: number) => ({ median, spread });
  const provenance = {
    measured: '2026-11-24T13:43:32.454Z',
    machine: { cpu: 'A CPU', isa: 'avx2' },
    compiler: 'g++ 12',
    threads: 1,
    torch: '2.0',
    launchNanoseconds: 41.7,
  };
  const kernel = 'fprop_nhwc_f32_56x56_s1_k7_a22p5_c512__cpp_sheared_t20_l16_d2_b28_p1_s1';
  const row = { kernel, ours: time(3000, 0.02), copy: time(2500, 0.07), torch: time(6000, 0.01) };
  expect(resultsTable({ provenance, results: [row, { ...row, torch: null }] })).toBe(
    `| K | angle | ours | spread | copy | spread | torch | spread | faster |
| --: | --: | --: | --: | --: | --: | --: | --: | --: |
| 7 | 22.5° | 3.00 | 2 % | 2.50 | 7 % | 6.00 | 1 % | 2.00 x |
| 7 | 22.5° | 3.00 | 2 % | 2.50 | 7 % | - | - | - |

A CPU (avx2), g++ 12, PyTorch 2.0, 2026-11-24.
A \`run()\` that has nothing to do, one pixel of one channel, takes 42 ns.
`,
  );
});
