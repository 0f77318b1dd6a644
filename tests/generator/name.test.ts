import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeAngles, layerName, parseProblemName, problemName } from '../../generator/name.js';
import { PAPER_ANGLES, problem } from '../../generator/problem.js';
import { anyLayer } from '../support/arbitrary.js';

describe('names', () => {
  it('say everything there is to a problem', () => {
    const made = problem({
      height: 56,
      width: 28,
      kernel: 31,
      angles: PAPER_ANGLES,
      channels: 512,
      batch: 64,
    });
    expect(problemName(made)).toBe('fprop_nhwc_f32_56x28_s1_k31_a0i22p5x8_c512_n64');
    expect(layerName(made)).toBe('fprop_nhwc_f32_56x28_s1_k31_a0i22p5x8_c512');
  });

  it('write angles shortly where they are evenly spaced', () => {
    expect(encodeAngles([0, 45, 90, 135])).toBe('0i45x4');
    expect(encodeAngles([-22.5, 0.1])).toBe('m22p5_0p1');
    expect(encodeAngles([1e-7])).toBe('1em7');
  });

  it('are C identifiers and parse back', () => {
    fc.assert(
      fc.property(anyLayer, (spec) => {
        const made = problem(spec);
        expect(problemName(made)).toMatch(/^[a-z][a-z0-9_]*$/);
        expect(parseProblemName(problemName(made))).toEqual(made);
      }),
    );
  });

  it.each([
    '',
    'fprop',
    'fprop_nhwc_f32_56x56_s1_k31_a_c512',
    'fprop_nhwc_f32_56x56_s1_k31_a0ix_c512_n1',
    'x; rm -rf',
  ])('refuse %j', (text) => {
    expect(() => parseProblemName(text)).toThrow(expect.objectContaining({ code: 'name-malformed' }));
  });

  it('refuse names of impossible problems', () => {
    expect(() => parseProblemName('fprop_nhwc_f32_56x56_s1_k30_a0_c512_n1')).toThrow(
      expect.objectContaining({ code: 'kernel-even' }),
    );
  });
});
