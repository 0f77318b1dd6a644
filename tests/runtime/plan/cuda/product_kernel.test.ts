import { join } from 'node:path';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { GeluForm, Product } from '../../../../generator/operations/operation.js';
import { type CudaDevice, openCuda } from '../../../../runtime/cuda/device.js';
import { DeviceError } from '../../../../runtime/errors.js';
import { productKernel } from '../../../../runtime/plan/cuda/product_kernel.js';
import { cudaOperationCase } from '../../../support/cuda_operation_case.js';
import { gelu } from '../../../support/erf.js';
import { loadFakeBlas } from '../../../support/fake_cublaslt.js';
import { fakeCudaLog, loadFakeCuda } from '../../../support/fake_cuda.js';
import { putNvcc, putScript } from '../../../support/fake_toolkit.js';
import { onGpuResult } from '../../../support/gpu_operation.js';
import { temporaryFolder } from '../../../support/temporary_folder.js';

const ROWS = 5;
let gpu: CudaDevice;

beforeAll(async () => {
  await loadFakeCuda();
  await loadFakeBlas();
});
beforeEach(() => {
  const bin = join(temporaryFolder(), 'bin');
  putNvcc(bin);
  vi.stubEnv('PATH', bin);
  vi.stubEnv('CUDA_HOME', '');
  gpu = openCuda();
});

function product(gelu: GeluForm | null, inner = 32): Product {
  return { kind: 'product', inner, outer: 8, normalize: false, gelu, residual: false };
}

/** The name of what is chosen on a device, which makes what is asked for, the exact GELU of the fake being to double. */
async function chosen(op: Product, tf32: boolean, device = gpu) {
  const multiplier = { blas: (await device.blas())!, workspace: device.tensor(1), tf32 };
  const kernel = await productKernel(op, ROWS, device, multiplier, { cacheFolder: temporaryFolder() });
  const given = cudaOperationCase({ ...op, gelu: null }, ROWS);
  let name = '';
  const named: typeof kernel = {
    ...kernel,
    bind(...args) {
      const bound = kernel.bind(...args);
      name = bound.kernel;
      return bound;
    },
  };
  const made = { exact: (y: number) => 2 * y, tanh: (y: number) => gelu(y, 'tanh') };
  const expected = [...given.expected].map((y) => (op.gelu ? made[op.gelu](y) : y));
  const result = await onGpuResult(gpu, named, given);
  expect(Math.max(...result.map((y, i) => Math.abs(y - expected[i]!)))).toBeLessThan(1e-4);
  return name;
}

it('takes a kernel of ours where that is faster than the library and a pass for GELU, and makes the same', async () => {
  const log = fakeCudaLog();
  expect(await chosen(product('exact'), true)).toBe('product_f32_i32_o8_n0_g1_r0_wgmma_r128_c192_g2_s4');
  const lines = log();
  const runs = lines.filter((line) => /^launch product_.*_r256_/.test(line));
  expect(runs, 'what is off is not even timed').toHaveLength(1);
  const maps = lines.filter((line) => /^map .*, modes 0 3 2 0$/.test(line));
  expect(maps[0], 'rows').toMatch(/sizes 32 1 1 5, .*box 32 1 1 128 /);
  expect(maps[1], 'weights').toMatch(/sizes 32 4 2 1, .*box 32 2 48 1 /);
});

it('does without what is for one architecture only where the compiler does not know that', async () => {
  const [old, bin] = [join(temporaryFolder(), 'old'), join(temporaryFolder(), 'bin')];
  putNvcc(bin);
  const refuse = `echo "nvcc fatal : Unsupported gpu architecture 'compute_90a'" >&2; exit 1`;
  putScript(old, 'nvcc', `case "$*" in *sm_90a*) ${refuse};; esac\nexec ${join(bin, 'nvcc')} "$@"`);
  vi.stubEnv('PATH', old);
  expect(await chosen(product('exact'), true)).toMatch(/^product_f32_i32_o8_n0_g1_r0_tf32_r/);
});

it.each([
  ['float32 is asked for', product('exact'), false, 'cuBLASLt 13.2.3 in float32, GELU behind it'],
  ['the library has the GELU', product('tanh'), true, 'cuBLASLt 13.2.3 in TF32, with GELU'],
  ['there is none', product(null), true, 'cuBLASLt 13.2.3 in TF32'],
  [
    'the extent is in no steps of ours',
    product('exact', 12),
    true,
    'cuBLASLt 13.2.3 in TF32, GELU behind it',
  ],
] as const)('leaves it to the library where %s', async (_, op, tf32, name) => {
  expect(await chosen(op, tf32)).toBe(name);
});

it('leaves it to the library where ours do not run', async () => {
  const refusing = () => {
    throw new DeviceError('system', { code: 'launch', value: 'k', rule: 'is refused', remedy: 'none' });
  };
  expect(await chosen(product('exact'), true, { ...gpu, fill: refusing })).toBe(
    'cuBLASLt 13.2.3 in TF32, GELU behind it',
  );
});

it.each([
  ['has no TF32', { target: { kind: 'cuda', arch: 'sm_75' } }],
  ['has no room for the stages', { sharedBytes: 48 << 10 }],
] as const)('leaves it to the library where the device %s', async (_, facts) => {
  expect(await chosen(product('exact'), true, { ...gpu, ...facts })).toBe(
    'cuBLASLt 13.2.3 in TF32, GELU behind it',
  );
});
