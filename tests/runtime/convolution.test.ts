import { beforeAll, describe, expect, it } from 'vitest';
import { problem } from '../../generator/problem.js';
import type { Convolution } from '../../runtime/convolution.js';
import { openCpu } from '../../runtime/cpu.js';
import { DeviceError } from '../../runtime/errors.js';
import { formula } from '../support/formula.js';
import { wholeNumbers } from '../support/numbers.js';

const P = problem({ height: 5, width: 4, stride: 2, kernel: 3, angles: [0, 90], channels: 3, batch: 2 });
const INPUT = wholeNumbers(2 * 5 * 4 * 3);
const WEIGHT = wholeNumbers(3 * 3, 2);
const EXPECTED = Float32Array.from(formula(P, { input: INPUT, weight: WEIGHT }));

describe('a convolution', () => {
  let convolution: Convolution;
  beforeAll(async () => {
    convolution = await openCpu({ threads: 2 }).load(P);
  });

  it('runs in one call, here or off this thread', async () => {
    expect(convolution.run({ input: INPUT, weight: WEIGHT })).toEqual(EXPECTED);
    expect(await convolution.runAsync({ input: INPUT, weight: WEIGHT })).toEqual(EXPECTED);
  });

  it('writes to the output that it is given', () => {
    const output = new Float32Array(EXPECTED.length);
    expect(convolution.run({ input: INPUT, weight: WEIGHT, output })).toBe(output);
    expect(output).toEqual(EXPECTED);
  });

  it('runs again and again once bound, on what the arrays hold then', async () => {
    const input = INPUT.slice();
    const output = new Float32Array(EXPECTED.length);
    const { run, runAsync } = convolution.prepare({ weight: WEIGHT }).bind({ input, output });
    run();
    expect(output).toEqual(EXPECTED);
    input.fill(0);
    await runAsync();
    expect(output.every((v) => v === 0)).toBe(true);
  });

  it('serves another batch than the problem was made with', () => {
    const input = INPUT.subarray(0, INPUT.length / 2);
    expect(convolution.run({ input, weight: WEIGHT, batch: 1 })).toEqual(
      EXPECTED.subarray(0, EXPECTED.length / 2),
    );
  });

  it.each([
    [
      'weight',
      { weight: new Float32Array(8) },
      /'Float32Array\(8\)': weight must be .* 9 elements, \[3, 3\]/,
    ],
    ['bias', { bias: new Float32Array(2) }, /bias must be .* 3 elements/],
    ['input', { input: new Float32Array(60) }, /input must be .* 120 elements, \[2, 5, 4, 3\]/],
    ['input', { input: [1, 2] }, /'Array': input must be a Float32Array/],
    ['output', { output: new Float32Array(1) }, /output must be .* 36 elements, \[2, 3, 2, 3\]/],
    ['batch', { batch: 0 }, /^0: batch must be a whole number/],
    ['batch', { batch: 1.5 }, /batch must be a whole number/],
  ])('refuses a wrong %s', (_, wrong, message) => {
    const call = () => convolution.run({ input: INPUT, weight: WEIGHT, ...wrong } as never);
    expect(call).toThrow(DeviceError);
    expect(call).toThrow(message);
  });

  it('rejects, rather than throws, off this thread', async () => {
    const call = convolution.runAsync({ input: INPUT, weight: new Float32Array(1) });
    await expect(call).rejects.toMatchObject({ fault: 'user', code: 'weight-length' });
  });

  it.each(['input', 'output'] as const)('refuses to run once the memory of its %s is gone', async (which) => {
    const arrays = { input: INPUT.slice(), output: new Float32Array(EXPECTED.length) };
    const { run, runAsync } = convolution.prepare({ weight: WEIGHT }).bind(arrays);
    structuredClone(arrays[which].buffer, { transfer: [arrays[which].buffer] });
    expect(run).toThrow(DeviceError);
    expect(run).toThrow(/^'input or output': [^\n]*transferred away[^\n]*; bind arrays/);
    await expect(runAsync()).rejects.toMatchObject({ code: 'array-transferred', fault: 'user' });
  });

  it('refuses an output that lies over its input', () => {
    const memory = new Float32Array(INPUT.length + EXPECTED.length);
    const input = memory.subarray(0, INPUT.length);
    const bind = (at: number) =>
      convolution
        .prepare({ weight: WEIGHT })
        .bind({ input, output: memory.subarray(at, at + EXPECTED.length) });
    expect(() => bind(INPUT.length - 1)).toThrow(/must not share memory/);
    expect(() => bind(INPUT.length)).not.toThrow();
  });
});
