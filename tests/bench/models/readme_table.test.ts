import { expect, it } from 'vitest';
import { modelsMarkdown } from '../../../bench/models/readme_table.js';

const TIME = { median: 20_000, spread: 0.01, bytes: 2 ** 20 };

const DOCUMENT = {
  provenance: {
    ...{ measured: '2026-11-29T12:00:00.000Z', torch: '2.11.0', products: 'tf32' },
    gpu: { name: 'NVIDIA H200', l2Bytes: 1 },
    compiler: 'NVRTC 13.0',
  },
  results: [
    {
      ...{ size: 'tiny', variant: '1d', batch: 256, image: { height: 224, width: 224 } },
      ours: { ...TIME, convolutions: { time: 6000, floor: 5000 } },
      peers: [
        { kind: 'timed', name: 'torch', difference: 1e-6, ...TIME, median: 80_000 },
        { kind: 'missing', name: 'torch-compile', reason: 'out of memory' },
      ],
    },
  ],
};

it('has a row a network and batch, and says where it was measured', () => {
  expect(modelsMarkdown([DOCUMENT])).toBe(
    [
      '| model | batch | ms | images/s | MiB | convolutions to copies | torch: images/s | MiB | faster | torch-compile: images/s | MiB | faster |',
      '| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
      '| tiny 1d | 256 | 20.0 | 12800 | 1 | 1.20 x | 3200 | 1 | 4.00 x | - | - | - |',
      '',
      'NVIDIA H200, NVRTC 13.0, PyTorch 2.11.0, products in TF32, 2026-11-29.',
      '',
    ].join('\n'),
  );
});

it('says so where GELU was not the exact one', () => {
  const provenance = { ...DOCUMENT.provenance, gelu: 'tanh' };
  expect(modelsMarkdown([{ ...DOCUMENT, provenance }])).toContain(
    'products in TF32, GELU by tanh, 2026-11-29.',
  );
  expect(() => modelsMarkdown([{ ...DOCUMENT, provenance: { ...provenance, gelu: 'sigmoid' } }])).toThrow();
});

it('puts runs of one machine under one another, and refuses what is no result', () => {
  const base = { ...DOCUMENT, results: [{ ...DOCUMENT.results[0], size: 'base', peers: [] }] };
  const lines = modelsMarkdown([DOCUMENT, base]).split('\n');
  expect(lines[3]).toBe('| base 1d | 256 | 20.0 | 12800 | 1 | 1.20 x | - | - | - | - | - | - |');
  expect(() => modelsMarkdown([{ ...DOCUMENT, results: [{}] }])).toThrow();
});
