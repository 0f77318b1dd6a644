import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputElements, outputElements, type Problem, problem } from '../../generator/problem.js';
import { addon } from '../../runtime/addon.js';
import { type CpuDevice, openCpu } from '../../runtime/cpu.js';
import { DeviceError } from '../../runtime/errors.js';
import type { Gradient } from '../../runtime/gradient.js';
import { shape } from '../../runtime/shape.js';
import { anyLayer } from '../support/arbitrary.js';
import { dgradFormula, wgradFormula } from '../support/formula.js';
import { gradientOperands, guardedOutputs } from '../support/gradient_operands.js';
import { naiveGradientBinary } from '../support/naive_gradient.js';
import { difference, fractions, wholeNumbers } from '../support/numbers.js';

const anyWgrad = anyLayer.map((spec) => problem({ ...spec, op: 'wgrad' }));
const anyBackward = anyLayer.map((spec) => problem({ ...spec, op: 'backward' }));

function reference(p: Problem, { input, grad }: { input: Float32Array; grad: Float32Array }) {
  const nan = (length: number) => new Float64Array(length).fill(Number.NaN);
  const [weightGrad, biasGrad] = [nan(p.channels * p.kernel), nan(p.channels)];
  addon().referenceGradient(shape(p), input, grad, weightGrad, biasGrad, p.batch);
  return { weightGrad, biasGrad };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The largest error, as a part of the largest value. */
function relativeError(actual: ArrayLike<number>, expected: Float64Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0) / largest;
}

const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
let cpu: CpuDevice;
beforeAll(() => {
  cpu = openCpu({ threads: 2 });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('wgrad', () => {
  it('is the formula, exactly where float32 is exact, and touches nothing beside its arrays', async () => {
    await fc.assert(
      fc.asyncProperty(anyWgrad, async (p) => {
        const given = gradientOperands(p, wholeNumbers);
        const expected = wgradFormula(p, given);
        const { outputs, isUntouched } = guardedOutputs(p);
        expect((await cpu.loadGradient(p)).run({ ...given, ...outputs })).toEqual(outputs);
        for (const its of [outputs, reference(p, given)]) {
          expect(difference(its.weightGrad, expected.weightGrad)).toBeUndefined();
          expect(difference(its.biasGrad, expected.biasGrad)).toBeUndefined();
        }
        expect(isUntouched()).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('is the adjoint of fprop, which is linear in weights and bias: <dy, fprop(x)> = <dw, w> + <db, b>', async () => {
    await fc.assert(
      fc.asyncProperty(anyWgrad, async (p) => {
        const { input, grad } = gradientOperands(p, wholeNumbers);
        const [weight, bias] = [wholeNumbers(p.channels * p.kernel, 2), wholeNumbers(p.channels, 3)];
        const y = (await cpu.load(problem({ ...p, op: 'fprop' }))).run({ input, weight, bias });
        const { weightGrad, biasGrad } = (await cpu.loadGradient(p)).run({ input, grad });
        expect(dot(grad, y)).toBe(dot(weightGrad, weight) + dot(biasGrad, bias));
        const dx = (await cpu.load(problem({ ...p, op: 'dgrad' }))).run({ input: grad, weight });
        expect(dot(dx, input)).toBe(dot(weightGrad, weight));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['nhwc', 'nchw'] as const)('keeps to 1e-5 of float64 over 64 images in %s', async (layout) => {
    const size = { height: 56, width: 56, kernel: 7, angles: [0, 45], channels: 2, batch: 64 };
    const p = problem({ ...size, op: 'wgrad', layout });
    const given = gradientOperands(p, fractions);
    const expected = reference(p, given);
    const { weightGrad, biasGrad } = (await cpu.loadGradient(p)).run(given);
    expect(relativeError(weightGrad, expected.weightGrad)).toBeLessThan(1e-5);
    expect(relativeError(biasGrad, expected.biasGrad)).toBeLessThan(1e-5);
  });

  it('gives the same bits on any number of threads', async () => {
    const size = { height: 40, width: 33, kernel: 15, angles: [0, 67.5, 90], channels: 37, batch: 5 };
    for (const layout of ['nhwc', 'nchw'] as const) {
      const p = problem({ ...size, op: 'wgrad', layout, stride: 2 });
      const given = gradientOperands(p, fractions);
      const runs = await Promise.all(
        [1, 2, 3, 4].map(async (threads) => (await openCpu({ threads }).loadGradient(p)).run(given)),
      );
      for (const run of runs.slice(1)) expect(run).toEqual(runs[0]);
    }
  });
});

describe('backward', () => {
  let naive: string;
  beforeAll(async () => {
    naive = await naiveGradientBinary('backward', folder);
  });

  it('is dgrad and wgrad, by one kernel as by two', async () => {
    await fc.assert(
      fc.asyncProperty(anyBackward, fc.boolean(), async (p, resid) => {
        const given = gradientOperands(p, wholeNumbers, resid);
        const { weight } = given;
        const dx = dgradFormula(p, { input: given.grad, weight: weight!, resid });
        const { weightGrad, biasGrad } = wgradFormula(p, given);
        for (const kernel of [await cpu.loadGradient(p), cpu.loadGradientBinary(p, naive, 'naive')]) {
          const { outputs, isUntouched } = guardedOutputs(p);
          kernel.run({ ...given, ...outputs });
          expect(difference(outputs.inputGrad!, dx)).toBeUndefined();
          expect(difference(outputs.weightGrad, weightGrad)).toBeUndefined();
          expect(difference(outputs.biasGrad, biasGrad)).toBeUndefined();
          expect(isUntouched()).toBe(true);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('says which kernels it takes', async () => {
    const p = problem({ height: 4, width: 4, kernel: 3, angles: [45], op: 'backward', stride: 2 });
    const general = { kind: 'general', reason: 'not in the library: none was given' };
    expect((await cpu.loadGradient(p)).origin).toEqual({
      kind: 'pair',
      reason: general.reason,
      dgrad: general,
      wgrad: general,
    });
    expect(cpu.loadGradientBinary(p, naive, 'naive').origin).toEqual({
      kind: 'binary',
      path: naive,
      symbol: 'naive',
    });
  });
});

describe.each(['one kernel', 'two kernels'])('a gradient of %s', (count) => {
  const P = problem({
    op: 'backward',
    height: 5,
    width: 4,
    stride: 2,
    kernel: 3,
    angles: [0, 90],
    channels: 3,
    batch: 2,
  });
  const GIVEN = gradientOperands(P, wholeNumbers, true);
  const [INPUT, GRAD, WEIGHT] = [GIVEN.input, GIVEN.grad, GIVEN.weight!];
  const EXPECTED = {
    inputGrad: Float32Array.from(dgradFormula(P, { input: GRAD, weight: WEIGHT, resid: true })),
    weightGrad: Float32Array.from(wgradFormula(P, GIVEN).weightGrad),
    biasGrad: Float32Array.from(wgradFormula(P, GIVEN).biasGrad),
  };
  const nothing = () => ({
    inputGrad: new Float32Array(EXPECTED.inputGrad.length),
    weightGrad: new Float32Array(9),
    biasGrad: new Float32Array(3),
  });
  let gradient: Gradient;
  beforeAll(async () => {
    gradient =
      count === 'one kernel'
        ? cpu.loadGradientBinary(P, await naiveGradientBinary('backward', folder), 'naive')
        : await cpu.loadGradient(P);
  });

  it('runs in one call, here or off this thread', async () => {
    expect(gradient.run(GIVEN)).toEqual(EXPECTED);
    expect(await gradient.runAsync(GIVEN)).toEqual(EXPECTED);
  });

  it('writes to the outputs that it is given', () => {
    const { weightGrad } = nothing();
    const outputs = gradient.run({ ...GIVEN, weightGrad });
    expect(outputs.weightGrad).toBe(weightGrad);
    expect(outputs).toEqual(EXPECTED);
  });

  it('runs again and again once bound, on what the arrays hold then', async () => {
    const [input, grad] = [INPUT.slice(), GRAD.slice()];
    const outputs = nothing();
    const { run, runAsync } = gradient
      .prepare({ weight: WEIGHT, resid: true })
      .bind({ input, grad, ...outputs });
    run();
    expect(outputs).toEqual(EXPECTED);
    input.fill(0);
    await Promise.all([runAsync(), runAsync()]);
    expect(outputs.weightGrad.every((v) => v === 0)).toBe(true);
    expect(outputs.inputGrad).toEqual(EXPECTED.inputGrad);
    grad.fill(0);
    run();
    expect(outputs).toEqual(nothing());
  });

  it('serves another batch than the problem was made with', () => {
    const half = {
      ...GIVEN,
      input: INPUT.subarray(0, INPUT.length / 2),
      grad: GRAD.subarray(0, GRAD.length / 2),
    };
    const expected = wgradFormula(problem({ ...P, batch: 1 }), half);
    const outputs = gradient.run({ ...half, batch: 1 });
    expect(difference(outputs.weightGrad, expected.weightGrad)).toBeUndefined();
    expect(outputs.inputGrad).toEqual(EXPECTED.inputGrad.subarray(0, INPUT.length / 2));
  });

  it.each([
    [
      'weight',
      { weight: new Float32Array(8) },
      /'Float32Array\(8\)': weight must be .* 9 elements, \[3, 3\]/,
    ],
    ['weight', { weight: undefined }, /^undefined: weight must be|'undefined': weight must be/],
    ['input', { input: new Float32Array(60) }, /input must be .* 120 elements, \[2, 5, 4, 3\]/],
    ['grad', { grad: new Float64Array(36) }, /'Float64Array': grad must be .* 36 elements, \[2, 3, 2, 3\]/],
    ['inputGrad', { inputGrad: new Float32Array(1) }, /inputGrad must be .* 120 elements/],
    ['weightGrad', { weightGrad: new Float32Array(1) }, /weightGrad must be .* 9 elements, \[3, 3\]/],
    ['biasGrad', { biasGrad: new Float32Array(9) }, /biasGrad must be .* 3 elements, \[3\]/],
    ['batch', { batch: 0 }, /^0: batch must be a whole number/],
  ])('refuses a wrong %s', (_, wrong, message) => {
    const call = () => gradient.run({ ...GIVEN, ...wrong } as never);
    expect(call).toThrow(DeviceError);
    expect(call).toThrow(message);
  });

  it('rejects, rather than throws, off this thread', async () => {
    const call = gradient.runAsync({ ...GIVEN, weightGrad: new Float32Array(1) });
    await expect(call).rejects.toMatchObject({ fault: 'user', code: 'weightGrad-length' });
  });

  it.each(['input', 'grad', 'inputGrad', 'weightGrad', 'biasGrad'] as const)(
    'refuses to run once the memory of its %s is gone',
    async (which) => {
      const arrays = { input: INPUT.slice(), grad: GRAD.slice(), ...nothing() };
      const { run, runAsync } = gradient.prepare({ weight: WEIGHT }).bind(arrays);
      structuredClone(arrays[which].buffer, { transfer: [arrays[which].buffer] });
      expect(run).toThrow(/transferred away[^\n]*; bind arrays/);
      await expect(runAsync()).rejects.toMatchObject({ code: 'array-transferred', fault: 'user' });
    },
  );

  it('refuses outputs that lie over other arrays, and takes those that lie beside them', () => {
    const memory = new Float32Array(INPUT.length + 12);
    const input = memory.subarray(0, INPUT.length);
    const { bind } = gradient.prepare({ weight: WEIGHT });
    const [weightGrad, biasGrad] = [
      memory.subarray(INPUT.length, INPUT.length + 9),
      memory.subarray(INPUT.length + 9),
    ];
    const apart = { input, grad: GRAD, ...nothing(), weightGrad, biasGrad };
    expect(() => bind(apart)).not.toThrow();
    const [over, under] = [
      memory.subarray(INPUT.length - 1, INPUT.length + 8),
      memory.subarray(INPUT.length + 8, INPUT.length + 11),
    ];
    expect(() => bind({ ...apart, weightGrad: over })).toThrow(
      /^'bytes 476 to 480 of one buffer': input and weightGrad must not share memory; give weightGrad memory/,
    );
    expect(() => bind({ ...apart, biasGrad: under })).toThrow(
      'weightGrad and biasGrad must not share memory',
    );
    expect(() => bind({ ...apart, inputGrad: input })).toThrow('input and inputGrad must not share memory');
  });
});

describe('a gradient is refused', () => {
  const P = problem({ height: 5, width: 4, kernel: 3, angles: [0], channels: 2, op: 'wgrad' });
  const given = { input: new Float32Array(inputElements(P)), grad: new Float32Array(outputElements(P)) };

  it('weights and a gradient of the input where it is wgrad, which resid does not change', async () => {
    const wgrad = await cpu.loadGradient(P);
    expect(() => wgrad.run({ ...given, weight: new Float32Array(6) })).toThrow(
      "'weight': wgrad takes no weights and writes no gradient of the input; leave weight out, or use op backward",
    );
    expect(() => wgrad.run({ ...given, inputGrad: new Float32Array(40) })).toThrow(/leave inputGrad out/);
    expect(wgrad.run({ ...given, resid: true })).toEqual({
      weightGrad: new Float32Array(6),
      biasGrad: new Float32Array(2),
    });
  });

  it('what is no gradient, and a gradient what is for convolutions', async () => {
    const forward = problem({ ...P, op: 'fprop' });
    const gradients =
      "'fprop': loadGradient and loadGradientBinary are for wgrad and backward; use load or loadBinary";
    await expect(cpu.loadGradient(forward)).rejects.toThrow(gradients);
    expect(() => cpu.loadGradientBinary(forward, 'k.so', 'k')).toThrow(gradients);
    const convolutions =
      "'wgrad': load and loadBinary are for fprop and dgrad; use loadGradient or loadGradientBinary";
    await expect(cpu.load(P)).rejects.toThrow(convolutions);
    expect(() => cpu.loadBinary(P, 'k.so', 'k')).toThrow(convolutions);
    await expect(cpu.loadGradient(problem({ ...P, dtype: 'bf16' }))).rejects.toThrow(
      "'wgrad in bf16': dtype bf16 is not yet done on the CPU; use dtype f32",
    );
  });

  it('a binary that cannot be loaded', () => {
    expect(() => cpu.loadGradientBinary(P, 'absent.so', 'x')).toThrow(
      /absent\.so.*the kernel cannot be loaded/,
    );
  });
});
