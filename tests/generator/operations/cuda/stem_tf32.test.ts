import { describe, expect, it } from 'vitest';
import { tensorStem } from '../../../../generator/operations/cuda/stem_tf32.js';
import { operationName, type Stem } from '../../../../generator/operations/operation.js';
import { PAPER_ANGLES } from '../../../../generator/problem.js';

const STEM: Stem = {
  ...{ kind: 'stem', height: 224, width: 224, planes: 3, channels: 64 },
  ...{ kernel: 31, angles: PAPER_ANGLES, stride: 2 },
};

describe('tensorStem', () => {
  it('emits a stem, whose diagonals have fewer steps', async () => {
    const small: Stem = { ...STEM, height: 12, width: 7, channels: 12, kernel: 9, angles: [0, 45] };
    const { name, text } = tensorStem(small)!;
    expect(name).toBe(`${operationName(small)}_tf32_r28x16`);
    await expect(text).toMatchFileSnapshot(`../../../golden/${name}.cu`);
  });

  it('takes the largest regions of which two fit into the shared memory of a block', () => {
    const regions = (room: number) => tensorStem(STEM, room)?.name.match(/r\d+x\d+$/)?.[0];
    expect([227, 163, 99].map((kib) => regions(kib << 10))).toEqual(['r28x16', 'r14x16', undefined]);
    expect(tensorStem(STEM)!.sharedBytes).toBeLessThanOrEqual(227 << 10);
  });

  it('launches a block a multiprocessor, for as many regions each', () => {
    const { launch } = tensorStem(STEM)!;
    const blocks = (images: number) => launch(images, 132).blocks;
    expect([1, 4, 5, 256].map(blocks)).toEqual([28, 112, 70, 131]);
  });

  it.each([{ planes: 4 }, { kernel: 43 }])('leaves out what registers do not hold: %o', (change) => {
    expect(tensorStem({ ...STEM, ...change })).toBeUndefined();
  });
});
