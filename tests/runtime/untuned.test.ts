import { describe, expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { findCompiler } from '../../runtime/compiler.js';
import { openCpu } from '../../runtime/cpu.js';
import { formula } from '../support/formula.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const LAYER = problem({ height: 9, width: 11, kernel: 5, angles: [0, 45], channels: 20, batch: 2 });

describe.skipIf((await findCompiler()) === undefined)('a layer that the library lacks', () => {
  const device = openCpu({ threads: 1 });

  it('is done by a kernel that is generated for it, if that is asked for', async () => {
    const made = await device.load(LAYER, { untuned: 'generate', cacheFolder: temporaryFolder() });
    expect(made.origin).toMatchObject({
      kind: 'untuned',
      kernel: expect.stringMatching(/^fprop_nhwc_f32_9x11_s1_k5_a0_45_c20__cpp_sheared_/),
      reason: 'not in the library: none was given',
    });
    const input = Float32Array.from({ length: 2 * 9 * 11 * 20 }, (_, i) => Math.sin(i));
    const weight = Float32Array.from({ length: 20 * 5 }, (_, i) => Math.cos(3 * i));
    const output = made.run({ input, weight });
    const expected = formula(LAYER, { input, weight });
    for (const [i, value] of expected.entries()) expect(Math.abs(output[i]! - value)).toBeLessThan(1e-5);
  });

  it('is done by the general kernel otherwise', async () => {
    const made = await device.load(LAYER, {});
    expect(made.origin).toMatchObject({ kind: 'general' });
  });
});
