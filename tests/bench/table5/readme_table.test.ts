import { expect, test } from 'vitest';
import { table5Markdown } from '../../../bench/table5/readme_table.js';
import { tableResult } from '../../../bench/table5/result.js';
import { sampleTable } from '../../support/table5_result.js';

test('a row a cell: published, best peer, mean and worst angle, all angles, and how much faster', () => {
  const lines = table5Markdown(sampleTable()).split('\n');
  expect(lines).toHaveLength(2 + 12 + 3);
  for (const line of lines.slice(0, 14)) expect(line.split('|')).toHaveLength(14);
  expect(lines[2]).toBe(
    '| nchw 14x14, C=512, N=64, K=7 | 0.4 | 0.3 | 1.00 (torch 1xK) | 0.235 | 0.270 (157.5°) | 0.280 | 4.26 x | 1.00 (torch 1xK) | 0.235 | 0.280 | 4.26 x |',
  );
  expect(lines[8]).toMatch(/^\| nhwc 14x14, C=512, N=64, K=7 \| - \| - \| 1\.00 /); // the paper's are NCHW
  expect(lines[15]).toBe(
    'Sample GPU <1>, NVRTC 13.0, torch 2.11.0, onnxruntime not measured, angles degrees, 2026-01-02.',
  );
});

test('without a peer there is nothing to be faster than', () => {
  expect(table5Markdown(sampleTable([]))).toContain(
    '| 0.4 | 0.3 | - | 0.235 | 0.270 (157.5°) | 0.280 | - | - |',
  );
});

test('results with the clocks of their GPU are read as those without', () => {
  const { provenance, cells } = sampleTable();
  const range = { low: 1755, high: 1980 };
  const clocks = { smMHz: range, memoryMHz: range, temperature: range, throttled: ['power-cap' as const] };
  expect(provenance).not.toHaveProperty('clocks');
  expect(tableResult.parse({ provenance: { ...provenance, clocks }, cells }).provenance.clocks).toEqual(
    clocks,
  );
  expect(table5Markdown({ provenance: { ...provenance, clocks }, cells })).toBe(
    table5Markdown(sampleTable()),
  );
  expect(() =>
    tableResult.parse({ provenance: { ...provenance, clocks: { smMHz: range } }, cells }),
  ).toThrow();
});

test('something else is refused', () => {
  expect(() => table5Markdown({ cells: [] })).toThrow();
});
