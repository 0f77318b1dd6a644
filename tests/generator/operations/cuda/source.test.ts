import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cudaOperation } from '../../../../generator/operations/cuda/source.js';
import { stemPlan } from '../../../../generator/operations/cuda/stem_plan.js';
import { lanesOf, teamsOf } from '../../../../generator/operations/cuda/team.js';
import { type Operation, operationName, type Stem } from '../../../../generator/operations/operation.js';
import { PAPER_ANGLES } from '../../../../generator/problem.js';
import { plainProduct } from '../../../support/cuda_operation_case.js';

function stem(height: number, width: number, planes: number): Stem {
  return { kind: 'stem', height, width, planes, channels: 12, kernel: 5, angles: [0, 67.5], stride: 2 };
}

const GOLDEN: readonly Operation[] = [
  { kind: 'norm', channels: 96, affine: false, gelu: null },
  { kind: 'norm', channels: 52, affine: true, gelu: 'exact' },
  { kind: 'gelu', channels: 20, form: 'exact' },
  { kind: 'patches', layout: 'nchw', height: 9, width: 8, channels: 3, side: 4, normalize: false },
  { kind: 'patches', layout: 'nhwc', height: 4, width: 5, channels: 6, side: 2, normalize: false },
  { kind: 'patches', layout: 'nhwc', height: 4, width: 4, channels: 8, side: 2, normalize: true },
  stem(12, 7, 3),
  { kind: 'pool', pixels: 6, channels: 42 },
  plainProduct(20, 50, true),
  { kind: 'gelu', channels: 20, form: 'tanh' },
  { kind: 'norm', channels: 52, affine: true, gelu: 'tanh' },
  { kind: 'norm', channels: 96, affine: false, gelu: null, planes: { pixels: 60, of: 'input' } },
  { kind: 'norm', channels: 20, affine: true, gelu: 'exact', planes: { pixels: 30, of: 'output' } },
  { ...plainProduct(20, 50, true), planes: { pixels: 21, of: 'output' } },
  { ...plainProduct(20, 50, true), planes: { pixels: 21, of: 'residual' } },
  { ...plainProduct(20, 50, false), planes: { pixels: 21, of: 'output' } },
];

describe('cudaOperation', () => {
  it.each(GOLDEN.map((op) => [operationName(op), op] as const))('emits %s', async (name, op) => {
    const { text, ...made } = cudaOperation(op);
    expect(made.name).toBe(name);
    await expect(text).toMatchFileSnapshot(`../../../golden/${name}.cu`);
  });

  it('launches blocks for all rows, and for all images', () => {
    const blocks = (op: Operation, count: number) => cudaOperation(op).launch(count, 132).blocks;
    expect([1, 32, 33].map((rows) => blocks(GOLDEN[0]!, rows))).toEqual([1, 1, 2]);
    expect([1, 204, 205].map((rows) => blocks(GOLDEN[2]!, rows))).toEqual([1, 1, 2]);
    expect([1, 5].map((images) => blocks(GOLDEN[6]!, images))).toEqual([1, 5]);
    expect([1, 64, 65].map((rows) => blocks(plainProduct(8, 65, false), rows))).toEqual([2, 2, 4]);
  });

  it('has stems of which a multiprocessor of an H100 holds two blocks, and which share regions where there are few', () => {
    for (const kernel of [31, 15]) {
      const size = { height: 224, width: 224, planes: 3, channels: 64 };
      const { sharedBytes, launch } = cudaOperation({
        ...{ kind: 'stem', ...size, kernel },
        ...{ angles: PAPER_ANGLES, stride: 2 },
      });
      expect(2 * (sharedBytes + 1024)).toBeLessThanOrEqual(228 * 1024);
      const regions = 4 * 4;
      expect([1, 8, 16, 64].map((images) => launch(images, 132).blocks / images / regions)).toEqual([
        expect.any(Number),
        2,
        1,
        1,
      ]);
      expect(launch(1, 132).blocks).toBeGreaterThanOrEqual(128);
    }
  });

  it('has stems that take no more shared memory than a block can have, the largest regions that do', () => {
    const sizes = fc.record({
      height: fc.integer({ min: 1, max: 130 }),
      width: fc.integer({ min: 1, max: 130 }),
      kernel: fc.integer({ min: 0, max: 40 }).map((half) => 2 * half + 1),
      angles: fc.constantFrom(PAPER_ANGLES, [0], [22.5, 90, 157.5]),
      stride: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 8, max: 227 }), (size, kibibytes) => {
        const room = kibibytes << 10;
        const op: Stem = { kind: 'stem', ...size, planes: 3, channels: 8 };
        const plan = stemPlan(op, room);
        const free = cudaOperation(op);
        if (!plan) {
          expect(free.sharedBytes).toBeGreaterThan(room);
          expect(() => cudaOperation(op, room)).toThrow(expect.objectContaining({ code: 'stem-room' }));
          return;
        }
        const { name, text, sharedBytes } = cudaOperation(op, room);
        expect(sharedBytes).toBeLessThanOrEqual(room);
        expect(sharedBytes === free.sharedBytes).toBe(free.sharedBytes <= room);
        expect(text === free.text, 'with room for all it is the same').toBe(free.sharedBytes <= room);
        expect(name === free.name).toBe(free.sharedBytes <= room);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses products that are fused', () => {
    for (const fused of [{ normalize: true }, { gelu: 'exact' }, { gelu: 'tanh' }])
      expect(() => cudaOperation({ ...plainProduct(4, 4, false), ...fused } as Operation)).toThrow(
        expect.objectContaining({ code: 'product-fused' }),
      );
  });

  it('refuses norms of rows that a block cannot hold', () => {
    const norm = { kind: 'norm', channels: 1600, affine: false, gelu: null } as const;
    for (const of of ['input', 'output'] as const)
      expect(() => cudaOperation({ ...norm, planes: { pixels: 4, of } })).toThrow(/fit into 48 KB/);
  });

  it('refuses stems of more planes than a pixel has room for', () => {
    expect(() => cudaOperation(stem(4, 4, 4))).toThrow(/fit into one access/);
  });

  it('refuses patches that no image holds', () => {
    for (const layout of ['nchw', 'nhwc'] as const) {
      const op = { kind: 'patches', layout, height: 3, width: 8, channels: 3, side: 4 } as const;
      expect(() => cudaOperation({ ...op, normalize: false })).toThrow(/an image holds at least one patch/);
    }
  });
});

describe('a team', () => {
  it('is a part of a warp that holds any row in few registers, and reads whole lines of the cache', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1024 }), (quarter) => {
        const lanes = lanesOf(4 * quarter);
        expect(32 % lanes).toBe(0);
        expect(teamsOf(4 * quarter) * lanes).toBe(256);
        if (quarter >= 8) expect(lanes).toBeGreaterThanOrEqual(8);
        if (lanes < 32) expect(Math.ceil(quarter / lanes)).toBeLessThanOrEqual(4);
      }),
    );
  });
});
