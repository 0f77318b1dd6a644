import { describe, expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import { openCpu } from '../../runtime/cpu.js';

const cpu = openCpu({ threads: 1 });
const LAYER = { height: 3, width: 3, kernel: 3, angles: [0] };
const nothing = undefined as never;

describe('a call without arguments is refused with the way out', () => {
  it.each([
    ['fprop', '{ input, weight }'],
    ['dgrad', '{ input, weight }'],
  ] as const)('of %s', async (op, example) => {
    const convolution = await cpu.load(problem({ ...LAYER, op }));
    const refusal = expect.objectContaining({
      code: 'arguments-missing',
      remedy: expect.stringContaining(example),
    });
    expect(() => convolution.run(nothing)).toThrow(refusal);
    await expect(convolution.runAsync(nothing)).rejects.toEqual(refusal);
    expect(() => convolution.prepare(null as never)).toThrow(refusal);
    const prepared = convolution.prepare({ weight: new Float32Array(3) });
    expect(() => prepared.bind(nothing)).toThrow(refusal);
  });

  it.each([
    ['wgrad', '{ input, grad }', {}],
    ['backward', '{ input, grad, weight }', { weight: new Float32Array(3) }],
  ] as const)('of %s', async (op, example, parameters) => {
    const gradient = await cpu.loadGradient(problem({ ...LAYER, op }));
    const refusal = expect.objectContaining({
      code: 'arguments-missing',
      remedy: expect.stringContaining(example),
    });
    expect(() => gradient.run(nothing)).toThrow(refusal);
    await expect(gradient.runAsync(nothing)).rejects.toEqual(refusal);
    expect(() => gradient.prepare(7 as never)).toThrow(refusal);
    expect(() => gradient.prepare(parameters).bind(nothing)).toThrow(refusal);
  });
});

describe('a problem that problem() did not make is refused with the way out', () => {
  const made = [
    undefined,
    null,
    'fprop',
    LAYER,
    { ...LAYER, op: 'dgrad', dtype: 'f32', stride: 1 },
  ] as never[];
  const refusal = expect.objectContaining({
    code: 'problem-unmade',
    fault: 'user',
    remedy: expect.stringContaining('problem({ height: 56'),
  });

  it.each(made)('%o', async (one) => {
    await expect(cpu.load(one)).rejects.toEqual(refusal);
    await expect(cpu.loadGradient(one)).rejects.toEqual(refusal);
    expect(() => cpu.loadBinary(one, '/no/such/file', 'symbol')).toThrow(refusal);
    expect(() => cpu.loadGradientBinary(one, '/no/such/file', 'symbol')).toThrow(refusal);
  });
});
