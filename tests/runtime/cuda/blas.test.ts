import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { MatmulShape } from '../../../runtime/cuda/addon.js';
import type { CudaBlas } from '../../../runtime/cuda/blas.js';
import { type CudaDevice, openCuda } from '../../../runtime/cuda/device.js';
import { gelu } from '../../support/erf.js';
import { loadFakeBlas } from '../../support/fake_cublaslt.js';
import { fakeCudaLog, loadFakeCuda } from '../../support/fake_cuda.js';
import { wholeNumbers } from '../../support/numbers.js';

// What is asked of cuBLASLt, and what comes of its refusals, where neither it nor a GPU is.

const SHAPE: MatmulShape = { rows: 3, inner: 4, outer: 2, residual: true, gelu: false, tf32: false };

let gpu: CudaDevice;
let blas: CudaBlas;

beforeAll(async () => {
  await loadFakeCuda();
  await loadFakeBlas();
});
beforeEach(async () => {
  gpu = openCuda();
  blas = (await gpu.blas())!;
});

function tensors() {
  const uploaded = (length: number, seed: number) => {
    const tensor = gpu.tensor(length);
    gpu.upload(tensor, wholeNumbers(length, seed));
    return tensor;
  };
  const [input, weight, bias, residual] = [uploaded(12, 1), uploaded(8, 2), uploaded(2, 3), uploaded(6, 4)];
  return { input, weight, bias, residual, output: gpu.tensor(6) };
}

it('tells its version and file, and is opened once', async () => {
  expect(blas).toMatchObject({ kind: 'cuda-blas', version: '13.2.3' });
  expect(blas.path).toContain('fake_cublaslt');
  expect(await gpu.blas()).toBe(blas);
});

it('multiplies rows by a transposed weight, adds bias and residual, and repeats that in a graph', () => {
  const matmul = blas.matmul(SHAPE, gpu.tensor(64));
  expect(matmul.algorithms, 'the second one cannot do it').toBe(4);
  const given = tensors();
  const log = fakeCudaLog();
  const graph = gpu.graph([matmul.bind(given, 0), matmul.bind({ ...given, output: given.residual }, 1)]);
  expect(log().filter((line) => line.startsWith('product'))).toEqual([
    'product 3x4x2 of type 68 by algorithm 0, to another',
    'product 3x4x2 of type 68 by algorithm 2, in place',
  ]);
  graph.run();
  const [x, w] = [wholeNumbers(12, 1), wholeNumbers(8, 2)];
  const expected = wholeNumbers(6, 4).map((before, i) => {
    const [row, outer] = [Math.floor(i / 2), i % 2];
    const products = [0, 1, 2, 3].map((k) => x[4 * row + k]! * w[4 * outer + k]!);
    return products.reduce((sum, one) => sum + one, before + wholeNumbers(2, 3)[outer]!);
  });
  for (const tensor of [given.output, given.residual]) {
    const result = new Float32Array(6);
    gpu.download(tensor, result);
    expect(result).toEqual(expected);
  }
});

it('takes GELU by tanh of the sum, with no residual', () => {
  const shape = { ...SHAPE, residual: false, gelu: true };
  const [given, log] = [{ ...tensors(), residual: null }, fakeCudaLog()];
  blas.matmul(shape, gpu.tensor(64)).bind(given, 0).run();
  expect(log().at(-1)).toBe('product 3x4x2 of type 68 by algorithm 0, GELU');
  const [x, w, made] = [wholeNumbers(12, 1), wholeNumbers(8, 2), new Float32Array(6)];
  gpu.download(given.output, made);
  for (const [i, y] of made.entries()) {
    const [row, outer] = [Math.floor(i / 2), i % 2];
    const products = [0, 1, 2, 3].map((k) => x[4 * row + k]! * w[4 * outer + k]!);
    const sum = products.reduce((sum, one) => sum + one, wholeNumbers(2, 3)[outer]!);
    expect(y).toBeCloseTo(gelu(sum, 'tanh'), 5);
  }
  expect(() => blas.matmul({ ...shape, residual: true }, gpu.tensor(64))).toThrow(/GELU and a residual/);
});

it('refuses tensors that are too short, a residual that is not due, and freed ones', () => {
  const matmul = blas.matmul(SHAPE, gpu.tensor(64));
  const given = tensors();
  for (const name of ['input', 'weight', 'bias', 'residual', 'output'] as const) {
    const short = gpu.part(given[name], 0, given[name].length - 1);
    expect(() => matmul.bind({ ...given, [name]: short }, 0), name).toThrow(/beyond the end/);
  }
  const shifted = gpu.part(gpu.tensor(10), 1, 6);
  expect(() => matmul.bind({ ...given, output: shifted }, 0)).toThrow(/at a multiple of 64 elements/);
  expect(() => matmul.bind({ ...given, residual: null }, 0)).toThrow(/residual/);
  expect(() => matmul.bind(given, 4)).toThrow();
  const launch = matmul.bind(given, 0);
  given.bias.free();
  expect(() => launch.run()).toThrow(/was freed/);
});

it('passes on what the library refuses', () => {
  const workspace = gpu.tensor(64);
  const refused = { code: 'blas-unsupported', remedy: 'update nvidia-cublas' };
  expect(() => blas.matmul({ ...SHAPE, outer: 13 }, workspace)).toThrow(
    expect.objectContaining({ ...refused, value: 'cuBLASLt 13.2.3, 3x4 times 4x13' }),
  );
  const third = blas.matmul(SHAPE, workspace).bind(tensors(), 2);
  expect(() => third.run()).toThrow(expect.objectContaining(refused));
  expect(() => third.run()).toThrow(/cublasLtMatmul failed: CUBLAS_STATUS_NOT_SUPPORTED, result 15/);
});

it('is not there where it refuses the device', async () => {
  vi.stubEnv('FAKE_BLAS_REFUSES', '1');
  vi.stubEnv('PATH', '');
  expect(await openCuda().blas()).toBeUndefined();
});
