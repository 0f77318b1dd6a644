import { describe, expect, it, vi } from 'vitest';
import { memoize, memoizeEach, memoizeLast } from '../../generator/memo.js';

describe('memoize', () => {
  it('computes once for each key, and forgets the oldest beyond its capacity', () => {
    const compute = vi.fn((length: number) => ({ length }));
    const made = memoize(String, compute, 2);
    expect(made(1)).toBe(made(1));
    made(2);
    made(3);
    expect(compute.mock.calls).toEqual([[1], [2], [3]]);
    made(1);
    expect(compute).toHaveBeenCalledTimes(4);
  });
});

describe('memoizeEach', () => {
  it('computes once for each object, whatever comes of it, and not for one that only looks the same', () => {
    const compute = vi.fn((_: object) => undefined);
    const made = memoizeEach(compute);
    const object = {};
    for (const one of [object, {}, object]) made(one);
    expect(compute).toHaveBeenCalledTimes(2);
  });
});

describe('memoizeLast', () => {
  it('computes again as soon as one of the arguments is another', () => {
    const compute = vi.fn((a: object, b: number) => [a, b]);
    const made = memoizeLast(compute);
    const [one, other] = [{}, {}];
    expect(made(one, 1)).toBe(made(one, 1));
    expect(made(other, 1)[0]).toBe(other);
    expect(made(other, 2)).toEqual([other, 2]);
    expect(made(one, 1)[0]).toBe(one);
    expect(compute).toHaveBeenCalledTimes(4);
  });

  it('remembers nothing of a call that threw', () => {
    const made = memoizeLast((n: number) => {
      if (n < 0) throw new Error('negative');
      return n;
    });
    expect(() => made(-1)).toThrow('negative');
    expect(() => made(-1)).toThrow('negative');
  });
});
