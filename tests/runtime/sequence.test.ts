import { describe, expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import { openCpu } from '../../runtime/cpu.js';
import { inOrder } from '../../runtime/launch.js';

const P = problem({ height: 2, width: 3, kernel: 1, angles: [0], channels: 2 });
const ELEMENTS = 2 * 3 * 2;

/** A launch that writes the input times a number to the output. */
async function times(factor: number, input: Float32Array, output: Float32Array) {
  const convolution = await openCpu({ threads: 2 }).load(P);
  return convolution.prepare({ weight: Float32Array.of(factor, factor) }).bind({ input, output });
}

describe('a sequence of launches', () => {
  it('runs them one after the other, here or off this thread', async () => {
    const [a, b, c] = [1, 2, 3].map(() => new Float32Array(ELEMENTS));
    const all = inOrder([await times(2, a!, b!), await times(3, b!, c!), await times(5, c!, a!)], 'them');
    a!.fill(1);
    all.run();
    expect([a![0], b![0], c![ELEMENTS - 1]]).toEqual([30, 2, 6]);
    await all.runAsync();
    expect(a).toEqual(new Float32Array(ELEMENTS).fill(900));
  });

  it('may hold sequences, and none', async () => {
    const [a, b] = [new Float32Array(ELEMENTS).fill(1), new Float32Array(ELEMENTS)];
    const one = inOrder([await times(2, a, b)], 'them');
    inOrder([one, inOrder([], 'them'), await times(3, b, a)], 'them').run();
    expect(a[0]).toBe(6);
  });

  it('does not run once one of its arrays was transferred away', async () => {
    const [a, b, c] = [1, 2, 3].map(() => new Float32Array(ELEMENTS));
    const all = inOrder([await times(2, a!, b!), await times(2, b!, c!)], 'the arrays');
    structuredClone(c, { transfer: [c!.buffer as ArrayBuffer] });
    const transferred = { code: 'array-transferred', value: 'the arrays' };
    expect(() => all.run()).toThrow(expect.objectContaining(transferred));
    await expect(all.runAsync()).rejects.toMatchObject(transferred);
    expect(b![0]).toBe(0);
  });

  it('takes launches only', () => {
    expect(() => addon().sequence([{}] as never)).toThrow('expected a launch of this addon');
    expect(() => addon().sequence({} as never)).toThrow('launches must be an array');
  });
});
