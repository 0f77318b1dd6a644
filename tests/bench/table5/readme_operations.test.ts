import { expect, test } from 'vitest';
import { operationsMarkdown } from '../../../bench/table5/readme_operations.js';
import { sampleTable } from '../../support/table5_result.js';

test('a row a cell: both copies, and of each operation mean, spread and the layer of all angles', () => {
  const { provenance, cells } = sampleTable();
  const [first, ...rest] = cells;
  const times = (median: number) => ({ median, spread: 0.01 });
  const layers = first!.layers.map((layer, i) => ({
    ...layer,
    times: { ...layer.times, fprop: times(20 + i), wgrad: times(24), backward: times(i === 0 ? 30 : 45) },
  }));
  const copies = { pass: times(20), backward: times(30) };
  const lines = operationsMarkdown({ provenance, cells: [{ ...first!, layers, copies }, ...rest] }).split(
    '\n',
  );
  expect(lines).toHaveLength(2 + 12 + 3);
  for (const line of lines.slice(0, 14)) expect(line.split('|')).toHaveLength(14);
  expect(lines[2]).toBe(
    '| nchw 14x14, C=512, N=64, K=7 | 20.0 | 30.0 | 1.18 x | 1.35 | 1.40 x | 1.20 x | 1.00 | 1.20 x | 1.44 x | 1.50 | 1.50 x |',
  );
  expect(lines[15]).toBe('Sample GPU <1>, NVRTC 13.0, copies in microseconds, 2026-01-02.');
});

test('something else is refused', () => {
  expect(() => operationsMarkdown({ cells: [] })).toThrow();
});
