import { describe, expect, it } from 'vitest';
import { operationSource } from '../../../../generator/operations/cpp/source.js';
import { type Operation, operationName } from '../../../../generator/operations/operation.js';
import { PAPER_ANGLES } from '../../../../generator/problem.js';
import { cpuTarget, type Isa } from '../../../../generator/target.js';
import { plainProduct } from '../../../support/cuda_operation_case.js';

function stem(height: number, width: number, planes: number): Operation {
  return { kind: 'stem', height, width, planes, channels: 12, kernel: 5, angles: [0, 67.5], stride: 2 };
}

const GOLDEN: readonly (readonly [Isa, Operation])[] = [
  ['avx512', { kind: 'norm', channels: 100, affine: true, gelu: 'exact' }],
  ['avx2', { kind: 'norm', channels: 20, affine: false, gelu: null }],
  ['avx512', { kind: 'gelu', channels: 12, form: 'exact' }],
  ['plain', { kind: 'patches', layout: 'nchw', height: 9, width: 8, channels: 3, side: 4, normalize: false }],
  ['plain', { kind: 'patches', layout: 'nhwc', height: 4, width: 5, channels: 6, side: 2, normalize: false }],
  ['avx2', { kind: 'patches', layout: 'nhwc', height: 4, width: 4, channels: 8, side: 2, normalize: true }],
  ['avx2', stem(12, 7, 3)],
  ['avx512', { kind: 'pool', pixels: 6, channels: 42 }],
  ['avx512', { kind: 'gelu', channels: 12, form: 'tanh' }],
  ['avx2', { kind: 'norm', channels: 20, affine: false, gelu: 'tanh' }],
];

describe('operationSource', () => {
  it.each(GOLDEN.map(([isa, op]) => [operationName(op), isa, op] as const))(
    'emits %s for %s',
    async (name, isa, op) => {
      const { text, ...made } = operationSource(op, cpuTarget(isa));
      expect(made.name).toBe(name);
      await expect(text).toMatchFileSnapshot(`../../../golden/${name}.cpp`);
    },
  );

  it('gives the same operation the same text, whatever object it is', () => {
    for (const [isa, op] of GOLDEN)
      expect(operationSource({ ...op }, cpuTarget(isa))).toEqual(operationSource(op, cpuTarget(isa)));
  });

  it('stages fewer rows of wider images, so that they stay cached', () => {
    const band = (width: number) => {
      const op = { height: 224, width, planes: 3, channels: 64, kernel: 31, angles: PAPER_ANGLES, stride: 2 };
      return /BAND = (\d+)/.exec(operationSource({ kind: 'stem', ...op }, cpuTarget('avx512')).text)![1];
    };
    expect([224, 1800, 100_000].map(band)).toEqual(['28', '14', '7']);
  });

  it.each([
    [
      { kind: 'patches', layout: 'nchw', height: 3, width: 8, channels: 3, side: 4, normalize: false },
      /an image holds at least one patch/,
    ],
    [stem(3, 3, 32), /loops over planes unroll/],
    [{ kind: 'pool', pixels: 4, channels: 0 }, /a map has at least one channel/],
    [{ kind: 'norm', channels: 0, affine: true, gelu: null }, /a row has at least one channel/],
    [
      { kind: 'norm', channels: 8, affine: true, gelu: null, planes: { pixels: 6, of: 'input' } },
      /^'norm_f32_c8_a1_g0_input6': on a CPU, norms and products read and write maps .*; plan the network for the CPU$/,
    ],
    [
      { ...plainProduct(8, 8, true), planes: { pixels: 6, of: 'residual' } } as Operation,
      /^'product_f32_i8_o8_n0_g0_r1_residual6': on a CPU/,
    ],
  ] as const)('refuses %j', (op, message) => {
    expect(() => operationSource(op, cpuTarget('plain'))).toThrow(message);
  });
});
