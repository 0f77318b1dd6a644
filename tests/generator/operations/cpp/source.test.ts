import { describe, expect, it } from 'vitest';
import { operationSource } from '../../../../generator/operations/cpp/source.js';
import { type Operation, operationName } from '../../../../generator/operations/operation.js';
import { cpuTarget, type Isa } from '../../../../generator/target.js';

const GOLDEN: readonly (readonly [Isa, Operation])[] = [
  ['avx512', { kind: 'norm', channels: 100, affine: true, gelu: true }],
  ['avx2', { kind: 'norm', channels: 20, affine: false, gelu: false }],
  ['avx512', { kind: 'gelu', channels: 12 }],
  ['plain', { kind: 'patches', layout: 'nchw', height: 9, width: 8, channels: 3, side: 4, normalize: false }],
  ['plain', { kind: 'patches', layout: 'nhwc', height: 4, width: 5, channels: 6, side: 2, normalize: false }],
  ['avx2', { kind: 'patches', layout: 'nhwc', height: 4, width: 4, channels: 8, side: 2, normalize: true }],
  ['avx2', { kind: 'expand', height: 5, width: 7, planes: 3, channels: 28 }],
  ['avx512', { kind: 'pool', pixels: 6, channels: 42 }],
];

describe('operationSource', () => {
  it.each(GOLDEN.map(([isa, op]) => [operationName(op), isa, op] as const))(
    'emits %s for %s',
    async (name, isa, op) => {
      const { text, symbol } = operationSource(op, cpuTarget(isa));
      expect(symbol).toBe(name);
      await expect(text).toMatchFileSnapshot(`../../../golden/${name}.cpp`);
    },
  );

  it('gives the same operation the same text, whatever object it is', () => {
    for (const [isa, op] of GOLDEN)
      expect(operationSource({ ...op }, cpuTarget(isa))).toEqual(operationSource(op, cpuTarget(isa)));
  });

  it.each([
    [
      { kind: 'patches', layout: 'nchw', height: 3, width: 8, channels: 3, side: 4, normalize: false },
      /an image holds at least one patch/,
    ],
    [{ kind: 'expand', height: 3, width: 3, planes: 32, channels: 8 }, /loops over planes unroll/],
    [{ kind: 'pool', pixels: 4, channels: 0 }, /a map has at least one channel/],
    [{ kind: 'norm', channels: 0, affine: true, gelu: false }, /a row has at least one channel/],
  ] as const)('refuses %j', (op, message) => {
    expect(() => operationSource(op, cpuTarget('plain'))).toThrow(message);
  });
});
