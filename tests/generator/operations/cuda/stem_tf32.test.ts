import { describe, expect, it } from 'vitest';
import { tensorStem } from '../../../../generator/operations/cuda/stem_tf32.js';
import type { StemRoom } from '../../../../generator/operations/cuda/stem_tiling.js';
import { operationName, type Stem } from '../../../../generator/operations/operation.js';
import { PAPER_ANGLES } from '../../../../generator/problem.js';

const STEM: Stem = {
  ...{ kind: 'stem', height: 224, width: 224, planes: 3, channels: 64 },
  ...{ kernel: 31, angles: PAPER_ANGLES, stride: 2 },
};

const H100 = { bytes: 227 << 10, images: 256, multiprocessors: 132 };

describe('tensorStem', () => {
  it('emits a stem, whose diagonals have fewer steps', async () => {
    const small: Stem = { ...STEM, height: 12, width: 7, channels: 12, kernel: 9, angles: [0, 45] };
    const { name, text } = tensorStem(small, H100)!;
    expect(name).toBe(`${operationName(small)}_tf32_r14x8_h7_w8_f4`);
    await expect(text).toMatchFileSnapshot(`../../../golden/${name}.cu`);
  });

  const regions = (op: Stem, room: StemRoom) => tensorStem(op, room)?.name.match(/_r(\d+x\d+)_/)?.[1];

  it('takes large regions, of which two fit into the shared memory of a block', () => {
    const inRoom = (kibibytes: number) => regions(STEM, { ...H100, bytes: kibibytes << 10 });
    expect([227, 163, 100, 99].map(inRoom)).toEqual(['28x16', '14x16', '14x8', undefined]);
  });

  it('takes small ones where there are few images, or outputs that large ones stick out of', () => {
    expect([1, 4, 5, 64].map((images) => regions(STEM, { ...H100, images }))).toEqual([
      '14x8',
      '28x16',
      '14x8',
      '28x16',
    ]);
    expect(regions({ ...STEM, height: 52, width: 96 }, H100)).toBe('28x16');
    expect(regions({ ...STEM, height: 64, width: 96 }, H100)).toBe('14x16');
  });

  it('launches a block a multiprocessor, for as many regions each', () => {
    const { launch } = tensorStem(STEM, H100)!;
    const blocks = (images: number) => launch(images, 132).blocks;
    expect([1, 4, 5, 256].map(blocks)).toEqual([28, 112, 70, 131]);
  });

  it.each([{ planes: 4 }, { kernel: 43 }])('leaves out what registers do not hold: %o', (change) => {
    expect(tensorStem({ ...STEM, ...change }, H100)).toBeUndefined();
  });
});
