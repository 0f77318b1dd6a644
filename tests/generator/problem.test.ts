import { describe, expect, expectTypeOf, it } from 'vitest';
import { floorBytes, type Op, outputSize, type Problem, problem } from '../../generator/problem.js';

const spec = { height: 5, width: 7, kernel: 3, angles: [0] };

describe('problem', () => {
  it('has defaults for all but its size and its kernel', () => {
    expect(problem(spec)).toMatchObject({
      op: 'fprop',
      layout: 'nhwc',
      dtype: 'f32',
      stride: 1,
      batch: 1,
      channels: 1,
    });
  });

  it('is frozen through and through', () => {
    const made = problem(spec);
    expect(Object.isFrozen(made) && Object.isFrozen(made.angles)).toBe(true);
    expectTypeOf(made).toEqualTypeOf<Problem>();
    expectTypeOf(made.op).toEqualTypeOf<Op>();
    expectTypeOf<Problem>().toHaveProperty('kind').toEqualTypeOf<'problem'>();
  });

  it('rounds output sizes up and counts the bytes that must move', () => {
    const made = problem({ ...spec, stride: 2, channels: 3, batch: 2 });
    expect(outputSize(made)).toEqual({ height: 3, width: 4 });
    expect(floorBytes(made)).toBe(4 * 2 * 3 * (35 + 12));
  });

  it.each([
    [{ height: 0 }, 'height-range'],
    [{ width: -1 }, 'width-range'],
    [{ width: 1.5 }, 'width-range'],
    [{ stride: 0 }, 'stride-range'],
    [{ batch: 0 }, 'batch-range'],
    [{ channels: 2 ** 31 }, 'channels-range'],
    [{ kernel: 8 }, 'kernel-even'],
    [{ kernel: 0 }, 'kernel-range'],
    [{ angles: [] }, 'angles-empty'],
    [{ angles: [0, Number.NaN] }, 'angle-finite'],
    [{ op: 'bprop' as Op }, 'op-unknown'],
    [{ layout: 'chwn' as 'nchw' }, 'layout-unknown'],
    [{ dtype: 'f64' as 'f32' }, 'dtype-unknown'],
  ])('refuses %j', (change, code) => {
    expect(() => problem({ ...spec, ...change })).toThrow(expect.objectContaining({ code, fault: 'user' }));
  });

  it('names the value, the rule and the way out in one line', () => {
    expect(() => problem({ ...spec, kernel: 4 })).toThrow(
      /^4: the kernel length K must be odd, so that a tap lies on the centre; use 3 or 5$/,
    );
  });
});
