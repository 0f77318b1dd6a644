import { beforeAll, describe, expect, it } from 'vitest';
import { TENSOR_TILES, tensorProduct } from '../../generator/operations/cuda/product_tf32.js';
import {
  isWarpgroupProduct,
  WARPGROUP_TILES,
  warpgroupProduct,
} from '../../generator/operations/cuda/product_warpgroup.js';
import {
  GELU_FORMS,
  type GeluForm,
  operationName,
  type Product,
} from '../../generator/operations/operation.js';
import type { CudaBlas } from '../../runtime/cuda/blas.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';
import type { CudaStepKernel } from '../../runtime/plan/cuda/kernel.js';
import { WORKSPACE_BYTES } from '../../runtime/plan/cuda/memory.js';
import { onDevice } from '../../runtime/plan/cuda/parameter.js';
import { productKernel } from '../../runtime/plan/cuda/product_kernel.js';
import { tensorWays } from '../../runtime/plan/cuda/product_way.js';
import { cudaOperationCase, inaccuracy, overOf, plainProduct } from '../support/cuda_operation_case.js';
import { onGpu } from '../support/gpu.js';
import { onGpuResult } from '../support/gpu_operation.js';
import { tinyOperations } from '../support/tiny_operations.js';

function withGelu(inner: number, outer: number, gelu: GeluForm): Product {
  return { kind: 'product', inner, outer, normalize: false, gelu, residual: false };
}

/** The tiny network's, of few rows; and extents that are no multiples of anything. */
const CASES = [
  ...tinyOperations(1),
  ...(
    [
      [20, 52, 193, true],
      [7, 5, 31, false],
      [5, 3, 1, true],
      [36, 10, 2, false],
    ] as const
  ).map(([inner, outer, rows, residual]) => [plainProduct(inner, outer, residual), rows] as const),
  ...(
    [
      [96, 384, 131],
      [768, 3072, 49],
      [20, 80, 24],
    ] as const
  ).flatMap(([inner, outer, rows]) =>
    GELU_FORMS.map((form) => [withGelu(inner, outer, form), rows] as const),
  ),
]
  .filter((one): one is readonly [Product, number] => one[0].kind === 'product')
  .map(
    ([op, rows]) => [`${operationName(op)} x${rows}`, op, op.planes ? rows : Math.min(rows, 131)] as const,
  );

/** Of sums of products as large as a half: rounding adds up like a random walk. TF32 keeps 10 bits of a factor's fraction. */
const TOLERANCES = { float32: 4e-6, tf32: 2e-3 } as const;

const MISSING = 'cuBLASLt is not found';

onGpu('cuBLASLt', (gpu) => {
  let blas: CudaBlas | undefined;
  let workspace: CudaTensor;
  beforeAll(async () => {
    blas = await gpu.blas();
    workspace = gpu.tensor(WORKSPACE_BYTES / 4);
  });

  describe.each(['float32', 'tf32'] as const)('in %s', (mode) => {
    it.for(CASES)('multiplies: %s', async ([_, op, rows], { skip }) => {
      if (!blas) return skip(MISSING);
      const given = cudaOperationCase(op, rows);
      const kernel = await productKernel(op, rows, gpu, { blas, workspace, tf32: mode === 'tf32' });
      const tolerance = TOLERANCES[mode] * Math.sqrt(op.inner);
      const apart = await onGpuResult(gpu, kernel, given);
      expect(inaccuracy(given, apart, tolerance)).toBeUndefined();
      const over = overOf(op);
      if (over) expect(await onGpuResult(gpu, kernel, given, over), 'over the residual').toEqual(apart);
    });
  });

  it.for(
    [
      [withGelu(96, 384, 'exact'), 1031] as const,
      [withGelu(384, 1536, 'exact'), 70] as const,
      [withGelu(64, 194, 'exact'), 20_000] as const,
      [withGelu(96, 404, 'exact'), 20_000] as const,
      [withGelu(32, 34, 'exact'), 3] as const,
      // In planes that neither a tile nor an access divides.
      [{ ...plainProduct(96, 100, true), planes: { pixels: 77, of: 'output' } }, 770] as const,
      [{ ...plainProduct(384, 96, true), planes: { pixels: 196, of: 'residual' } }, 392] as const,
      [{ ...plainProduct(64, 48, false), planes: { pixels: 50, of: 'output' } }, 150] as const,
    ].map(([op, rows]) => [operationName(op), op, rows] as const),
  )('each way of ours multiplies: %s', async ([, op, rows]) => {
    const { inner } = op;
    const given = cudaOperationCase(op, rows);
    const ways = await tensorWays(op, rows, gpu, {});
    const isHopper = gpu.target.arch === 'sm_90' && isWarpgroupProduct(op);
    const tiles = [
      ...(isHopper ? WARPGROUP_TILES.map((tile) => warpgroupProduct(op, tile)) : []),
      ...TENSOR_TILES.map((tile) => tensorProduct(op, tile)),
    ];
    const fitting = tiles.filter(({ sharedBytes }) => sharedBytes <= gpu.sharedBytes);
    expect(ways.map(({ name }) => name)).toEqual(fitting.map(({ name }) => name));
    for (const { name, bind } of ways) {
      const kernel: CudaStepKernel = {
        kind: 'cuda-step-kernel',
        bind: ({ weight, bias, ...arrays }, lend) => ({
          kernel: name,
          launch: bind({ ...arrays, weight: lend(onDevice(gpu, weight!)), bias: lend(onDevice(gpu, bias!)) }),
        }),
      };
      const made = await onGpuResult(gpu, kernel, given, overOf(op));
      expect([name, inaccuracy(given, made, TOLERANCES.tf32 * Math.sqrt(inner))]).toEqual([name, undefined]);
    }
  });

  it('takes TF32 only where it is asked for', async ({ skip }) => {
    if (!blas) return skip(MISSING);
    const given = cudaOperationCase(plainProduct(768, 768, false), 64);
    const result = async (tf32: boolean) => {
      const kernel = await productKernel(given.op as Product, 64, gpu, { blas: blas!, workspace, tf32 });
      return onGpuResult(gpu, kernel, given);
    };
    expect(inaccuracy(given, await result(true), 2e-4)).toBeDefined();
    expect(inaccuracy(given, await result(false), 2e-4)).toBeUndefined();
  });

  it('refuses tensors that are too short, and an algorithm that it has not', ({ skip }) => {
    if (!blas) return skip(MISSING);
    const matmul = blas.matmul(
      { rows: 8, inner: 16, outer: 4, residual: false, gelu: false, tf32: false },
      workspace,
    );
    const [input, weight, bias, output] = [128, 64, 4, 32].map((length) => gpu.tensor(length)) as [
      CudaTensor,
      CudaTensor,
      CudaTensor,
      CudaTensor,
    ];
    const tensors = { input, weight, bias, residual: null, output };
    expect(() => matmul.bind({ ...tensors, output: gpu.part(output, 0, 31) }, 0)).toThrow(/beyond the end/);
    expect(() => matmul.bind(tensors, matmul.algorithms)).toThrow();
  });
});
