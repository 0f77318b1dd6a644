import { describe, expect, it } from 'vitest';
import { type Layout, type Op, problem } from '../../generator/problem.js';
import { source } from '../../generator/source.js';
import { space } from '../../generator/space.js';
import { cpuTarget, parseTarget } from '../../generator/target.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { ptxas } from '../support/ptxas.js';

const TARGET = parseTarget('cuda:sm_90', cpuTarget('plain'));
/** Channels of tiny's 7x7 layers. */
const CHANNELS = { 56: 96, 14: 384, 7: 768 } as const;
/** Layers whose best guesses have bodies of their own; those of the others differ in how much a block has to do. */
const CASES = [
  ['fprop', 'nhwc', [56, 14, 7]],
  ['fprop', 'nchw', [56, 14, 7]],
  ['backward', 'nhwc', [14, 7]],
] as const satisfies readonly (readonly [Op, Layout, readonly (keyof typeof CHANNELS)[]])[];

const nvcc = await findNvcc();

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each(CASES)(
    "compiles each family's best guess for %s of tiny's 7x7 layers in %s at %j without spills",
    async (op, layout, sizes) => {
      const texts = new Map<string, string>();
      for (const size of sizes) {
        const layer = {
          filter: 'square',
          kernel: 7,
          height: size,
          width: size,
          channels: CHANNELS[size],
          batch: 64,
        } as const;
        const { candidates } = space(problem({ ...layer, op, layout }), TARGET);
        expect(candidates.length).toBeGreaterThan(0);
        const best = new Map(candidates.toReversed().map((made) => [made.family, made]));
        for (const made of best.values()) texts.set(made.name, source(made).text);
      }
      const reports = await ptxas(nvcc!, [...texts.values()].join('\n'), ['sm_90']);
      expect(reports.map(({ kernel }) => kernel)).toEqual(expect.arrayContaining([...texts.keys()]));
      expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
    },
    300_000,
  );
});
