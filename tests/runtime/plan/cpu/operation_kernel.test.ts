import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationSource } from '../../../../generator/operations/cpp/source.js';
import { type Operation, operationName } from '../../../../generator/operations/operation.js';
import { cpuTarget, ISAS, type Isa } from '../../../../generator/target.js';
import { addon } from '../../../../runtime/addon.js';
import { compile, compilerFlags, findCompiler } from '../../../../runtime/compiler.js';
import { openCpu } from '../../../../runtime/cpu.js';
import { openOperation } from '../../../../runtime/plan/cpu/operation_kernel.js';
import { extentsOf } from '../../../../runtime/plan/extents.js';
import { tensor } from '../../../../runtime/tensor.js';
import { gelu } from '../../../support/erf.js';
import { type OperationCase, operationOperands, someOperations } from '../../../support/operation_case.js';
import { operationFormula } from '../../../support/plan_reference.js';
import { STRICT } from '../../../support/strict.js';

const HERE = ISAS.slice(ISAS.indexOf(addon().isa()));
const LARGE_MEAN: OperationCase = {
  operation: { kind: 'norm', channels: 77, affine: false, gelu: null },
  count: 3,
};
/** Rows that no vector divides. */
const BY_TANH: OperationCase = {
  operation: { kind: 'gelu', channels: 4001, form: 'tanh' },
  count: 5,
};
/** Two bands, the second of fewer rows. */
const BANDS: OperationCase = {
  operation: {
    ...{ kind: 'stem', height: 69, width: 33, planes: 3, channels: 20, kernel: 31 },
    ...{ angles: [0, 22.5, 90], stride: 2 },
  },
  count: 2,
};
const GUARD = 64;

const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function built(operations: readonly Operation[], isa: Isa): Promise<string> {
  const compiler = (await findCompiler())!;
  const text = operations.map((operation) => operationSource(operation, cpuTarget(isa)).text).join('\n');
  const flags = [...compilerFlags(compiler, isa), ...STRICT];
  return compile(compiler, { name: 'operations', text, flags, folder });
}

/** Between guards: what is read beyond the input is not a number, what is written beyond the output shows. */
function guarded(length: number) {
  const whole = tensor(length + 2 * GUARD).fill(Number.NaN);
  const isWhole = () =>
    [...whole.subarray(0, GUARD), ...whole.subarray(GUARD + length)].every((value) => Number.isNaN(value));
  return { inner: whole.subarray(GUARD, GUARD + length), isWhole };
}

/** Relative, and absolute below 1. */
function largestError(made: Float32Array, expected: Float64Array): number {
  const errors = made.map((value, i) => Math.abs(value - expected[i]!) / Math.max(1, Math.abs(expected[i]!)));
  return Math.max(...errors);
}

describe.each(HERE)('operations for %s', (isa) => {
  const cases = [...someOperations(4, 11), LARGE_MEAN, BANDS, BY_TANH];
  let path: string;
  beforeAll(async () => {
    path = await built(
      cases.map(({ operation }) => operation),
      isa,
    );
  });

  function run(
    device: ReturnType<typeof openCpu>,
    one: OperationCase,
    given: Float32Array,
    inPlace: boolean,
  ) {
    const { operation, count } = one;
    const { weight, bias } = operationOperands(one);
    const input = guarded(given.length);
    const output = inPlace ? input : guarded(count * extentsOf(operation).output);
    input.inner.set(given);
    const kernel = openOperation(operation, device, path, operationName(operation));
    const arrays = { input: input.inner, output: output.inner, residual: null };
    kernel.bind({ ...arrays, weight, bias, count, resid: false }).run();
    expect(output.isWhole(), `${kernel.name} writes beyond its output`).toBe(true);
    return output.inner;
  }

  it('are the formula for random sizes, in place where they may be, the same on any number of threads', () => {
    const devices = [1, 3].map((threads) => openCpu({ isa, threads }));
    for (const one of cases) {
      const { input, weight, bias } = operationOperands(one);
      const x = Float64Array.from(input);
      const expected = operationFormula(one, x, null, weight ?? undefined, bias ?? undefined);
      const inPlace = one.operation.kind === 'norm' || one.operation.kind === 'gelu';
      const made = devices.map((device) => run(device, one, input, false));
      expect(largestError(made[0]!, expected), operationName(one.operation)).toBeLessThan(
        one.operation.kind === 'stem' ? 3e-6 : 1e-6,
      );
      expect(made[1]).toEqual(made[0]);
      if (inPlace) expect(run(devices[1]!, one, input, true)).toEqual(made[0]);
    }
  });

  it('have GELU by tanh from -10 to 10, and at the ends of float32', () => {
    const length = 5 * 4001;
    const ends = [0, 40, -40, 3e38, -3e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    const x = Float32Array.from({ length }, (_, i) => ends[i] ?? (20 * i) / (length - 1) - 10);
    const y = run(openCpu({ isa, threads: 1 }), BY_TANH, x, true);
    expect([...y.subarray(0, ends.length)].map((value) => value + 0)).toEqual(
      ends.map((end) => (end > 0 || Number.isNaN(end) ? Math.fround(end) : 0)),
    );
    const errors = y.subarray(ends.length).map((value, i) => value - gelu(x[ends.length + i]!, 'tanh'));
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1e-6);
  });

  it('normalize rows whose mean is far larger than their deviations', () => {
    const input = operationOperands(LARGE_MEAN).input.map((value) => value + 1000);
    const expected = operationFormula(LARGE_MEAN, Float64Array.from(input), null);
    // float32 knows a mean of 1000 to 3e-5; sums of squares of such numbers would be wrong by a tenth.
    expect(largestError(run(openCpu({ isa, threads: 1 }), LARGE_MEAN, input, false), expected)).toBeLessThan(
      1e-4,
    );
  });
});

describe('an operation', () => {
  const NORM = { kind: 'norm', channels: 4, affine: true, gelu: null } as const;
  const device = openCpu({ threads: 1 });
  const array = new Float32Array(20);
  const sound = {
    ...{ count: 2, resid: false, weight: new Float32Array(4), bias: new Float32Array(4) },
    ...{ input: array.subarray(0, 8), residual: null, output: array.subarray(8, 16) },
  };
  let kernel: ReturnType<typeof openOperation>;
  beforeAll(async () => {
    const isa = addon().isa();
    kernel = openOperation(NORM, device, await built([NORM], isa), operationName(NORM));
  });

  it.each([
    ['input', { input: array.subarray(0, 7) }, /input must be a Float32Array of 8 elements, \[2, 4\]/],
    ['output', { output: array.subarray(0, 9) }, /output must be a Float32Array of 8 elements/],
    ['weight', { weight: new Float32Array(3) }, /weight must be a Float32Array of 4 elements/],
    ['bias', { bias: new Float32Array(5) }, /bias must be a Float32Array of 4 elements/],
    ['overlap', { output: array.subarray(4, 12) }, /input and output must not share memory/],
  ])('refuses a wrong %s', (_, change, message) => {
    expect(() => kernel.bind({ ...sound, ...change })).toThrow(message);
  });

  it.each([
    ['weight that is not there', { weight: null }, /weight must be there where the operation has one/],
    ['residual that it does not add', { residual: array.subarray(8, 16) }, /residual must be there where/],
    [
      'count',
      { count: 0, input: array.subarray(0, 0), output: array.subarray(0, 0) },
      /count must be a whole/,
    ],
  ])('has no %s', (_, change, message) => {
    expect(() => kernel.bind({ ...sound, ...change })).toThrow(message);
  });
});

it('names a kernel that cannot be opened, or is of another ABI', async () => {
  const compiler = (await findCompiler())!;
  const text = `#include "oriented1d_kernel.h"
extern "C" const O1dOperation foreign;
const O1dOperation foreign = {99, nullptr, nullptr, nullptr, nullptr, nullptr};`;
  const flags = compilerFlags(compiler, 'plain');
  const path = await compile(compiler, { name: 'foreign', text, flags, folder });
  const open = (file: string, symbol: string) => () =>
    openOperation({ kind: 'gelu', channels: 1, form: 'exact' }, openCpu({ threads: 1 }), file, symbol);
  expect(open(path, 'foreign')).toThrow(/foreign has kernel ABI 99, this addon has 1; compile it again/);
  expect(open(path, 'absent')).toThrow(/the kernel cannot be loaded: .*absent/);
  expect(open('/nowhere/x.so', 'gelu')).toThrow(/'\/nowhere\/x.so': the kernel cannot be loaded/);
});

it('the addon refuses sizes that are none, and handles of another kind', () => {
  const sizes = { input: 1, output: 1, weight: 0, bias: 0, residual: false };
  const open = (change: object) => () => addon().operation('/nowhere/x.so', 'x', { ...sizes, ...change });
  expect(open({ input: 0 })).toThrow('input must be a whole number from 1');
  expect(open({ weight: -1 })).toThrow('weight must be a whole number from 0');
  expect(open({ residual: 0 })).toThrow('residual must be a boolean');
  const pool = addon().pool(1) as never;
  const array = new Float32Array(1);
  expect(() => addon().operationParameters(pool, null, null)).toThrow('expected a kernel of an operation');
  expect(() => addon().operationLaunch(pool, pool, array, null, array, 1)).toThrow('packed parameters');
});
