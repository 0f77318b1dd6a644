import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  floorBytes,
  inputElements,
  inputSize,
  isGradient,
  OPS,
  type Op,
  outputElements,
  outputSize,
  type Problem,
  problem,
} from '../../generator/problem.js';

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

  it('reads in dgrad what fprop writes, and writes what that reads', () => {
    const [forward, backward] = (['fprop', 'dgrad'] as const).map((op) =>
      problem({ ...spec, op, stride: 2 }),
    );
    expect([inputSize(backward!), outputSize(backward!)]).toEqual([
      outputSize(forward!),
      inputSize(forward!),
    ]);
    expect(outputSize(backward!)).toEqual({ height: 5, width: 7 });
    expect(floorBytes(backward!)).toBe(floorBytes(forward!));
  });

  it('reads in wgrad what fprop reads and what that writes, and writes in backward as much as fprop reads', () => {
    const [forward, wgrad, backward] = (['fprop', 'wgrad', 'backward'] as const).map((op) =>
      problem({ ...spec, op, stride: 2, channels: 3, batch: 2 }),
    );
    for (const p of [wgrad!, backward!]) {
      expect([inputSize(p), outputSize(p)]).toEqual([inputSize(forward!), outputSize(forward!)]);
      expect([inputElements(p), outputElements(p)]).toEqual([2 * 3 * 35, 2 * 3 * 12]);
    }
    expect(floorBytes(wgrad!)).toBe(4 * 2 * 3 * (35 + 12));
    expect(floorBytes(backward!)).toBe(4 * 2 * 3 * (2 * 35 + 12));
    expect(OPS.filter((op) => isGradient(problem({ ...spec, op })))).toEqual(['wgrad', 'backward']);
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
    [{ angles: undefined as never }, 'angles-empty'],
    [{ angles: 45 as never }, 'angles-empty'],
    [{ angles: '45' as never }, 'angles-empty'],
    [{ angles: [0, Number.NaN] }, 'angle-finite'],
    [{ angles: ['45' as never] }, 'angle-finite'],
    [{ height: '5' as never }, 'height-range'],
    [{ kernel: undefined as never }, 'kernel-range'],
    [{ op: 'bprop' as Op }, 'op-unknown'],
    [{ layout: 'chwn' as 'nchw' }, 'layout-unknown'],
    [{ dtype: 'f64' as 'f32' }, 'dtype-unknown'],
  ])('refuses %j', (change, code) => {
    expect(() => problem({ ...spec, ...change })).toThrow(expect.objectContaining({ code, fault: 'user' }));
  });

  it.each([undefined, null, 56])('refuses to be made from %s', (nothing) => {
    expect(() => problem(nothing as never)).toThrow(expect.objectContaining({ code: 'problem-missing' }));
  });

  it('tells programs, too, what to do: no flags of a command line', () => {
    for (const change of [{ kernel: 0 }, { angles: [] }, { angles: [Number.NaN] }, { stride: 0 }])
      expect(() => problem({ ...spec, ...change })).toThrow(/^(?!.*--)/);
  });

  it('names the value, the rule and the way out in one line', () => {
    expect(() => problem({ ...spec, kernel: 4 })).toThrow(
      /^4: the kernel length K must be odd, so that a tap lies on the centre; use 3 or 5$/,
    );
  });
});
