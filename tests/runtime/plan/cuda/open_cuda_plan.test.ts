import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GeluForm } from '../../../../generator/operations/operation.js';
import { PAPER_ANGLES, problem } from '../../../../generator/problem.js';
import { modelConfigOf } from '../../../../runtime/convnext/config.js';
import { classifierPlan } from '../../../../runtime/convnext/plan.js';
import { type CudaDevice, openCuda } from '../../../../runtime/cuda/device.js';
import { planBuilder } from '../../../../runtime/plan/builder.js';
import { cudaFusion, openCudaPlan } from '../../../../runtime/plan/cuda/open_cuda_plan.js';
import {
  gelu,
  type ProductOptions,
  patches,
  product,
  stem,
  stemOf,
} from '../../../../runtime/plan/operations.js';
import type { Plan } from '../../../../runtime/plan/plan.js';
import { fitWeights } from '../../../../runtime/weights/model/fit_weights.js';
import { initialWeights } from '../../../../runtime/weights/model/initial.js';
import { gelu as tanhGelu } from '../../../support/erf.js';
import { loadFakeBlas } from '../../../support/fake_cublaslt.js';
import { fakeCudaLog, leftAllocated, letFail, loadFakeCuda } from '../../../support/fake_cuda.js';
import { putNvcc } from '../../../support/fake_toolkit.js';
import { wholeNumbers } from '../../../support/numbers.js';
import { constant } from '../../../support/tiny_plan.js';

// Everything but the GPU: what is asked of the driver and of cuBLASLt, in which order, and what comes of their failures.

const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
const IMAGES = wholeNumbers(2 * 3 * 4 * 6);
/** As a batch of two takes, beside its arena: parameters and cuBLASLt's workspace. */
const FIXED = 4 * (12 * 4 + 2 * 5 * 13) + (32 << 20);

let gpu: CudaDevice;

beforeAll(async () => {
  await loadFakeCuda();
  await loadFakeBlas();
  putNvcc(join(folder, 'bin'));
});
beforeEach(() => {
  vi.stubEnv('PATH', join(folder, 'bin'));
  vi.stubEnv('CUDA_HOME', '');
  vi.stubEnv('FAKE_CUDA_FREE', `${64 << 20}`);
  gpu = openCuda();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function parameters(name: string, outer: number, ...inner: readonly number[]) {
  return { weight: constant(`${name}.weight`, [outer, ...inner]), bias: constant(`${name}.bias`, [outer]) };
}

/** Patches of images, a depthwise convolution of one tap, GELU, and two products, one of which adds to the other. */
function smallPlan(fused: Pick<ProductOptions, 'normalize' | 'gelu'> = {}, form: GeluForm = 'exact'): Plan {
  const builder = planBuilder({ batch: 2, height: 4, width: 6 });
  const rows = patches(builder, 'patches', builder.images, { side: 2, normalize: false });
  const spec = { height: 2, width: 3, kernel: 3, angles: [0], batch: 2, channels: 12 };
  const map = builder.convolution('dw', rows, {
    problem: problem(spec),
    parameters: parameters('dw', 12, 3),
    resid: true,
  });
  const active = gelu(builder, 'gelu', map, form);
  const up = product(builder, 'up', active, parameters('up', 5, 12), { outer: 5, ...fused });
  const sum = product(builder, 'add', active, parameters('add', 5, 12), { outer: 5, residual: up });
  return builder.finish({ active, sum });
}

function open(plan = smallPlan(), products?: 'fp32' | 'tf32') {
  const options = { cacheFolder: folder, untuned: 'general' } as const;
  return openCudaPlan(plan, gpu, { ...options, ...(products && { products }) });
}

/** What the fakes make of images: copies, the first tap's weight and 1 times that plus the first bias, doubles, products. */
async function expected(plan: Plan) {
  const steps = new Map(plan.steps.map((step) => [step.name, step]));
  const read = async (name: string) => {
    const { weight, bias } = steps.get(name)!;
    return { weight: await weight!.read(), bias: await bias!.read() };
  };
  const [dw, up, add] = [await read('dw'), await read('up'), await read('add')];
  const active = IMAGES.map((x) => 2 * (Math.fround(dw.weight[0]! + 1) * x + dw.bias[0]!));
  const times = ({ weight, bias }: typeof up) =>
    Array.from({ length: (active.length / 12) * 5 }, (_, i) => {
      const row = Math.floor(i / 5) * 12;
      let sum = bias[i % 5]!;
      for (let k = 0; k < 12; k++) sum += active[row + k]! * weight[(i % 5) * 12 + k]!;
      return sum;
    });
  const first = times(up);
  return { active, up: first, sum: times(add).map((y, i) => y + first[i]!) };
}

describe('a plan on a GPU', () => {
  it('runs its steps over one arena, in one graph', async () => {
    const plan = smallPlan();
    const executable = await open(plan);
    const log = fakeCudaLog();
    const results = await executable.run(IMAGES);
    const { active, sum } = await expected(plan);
    for (const [i, y] of results.get('active')!.entries()) expect(y).toBeCloseTo(active[i]!, 4);
    for (const [i, y] of results.get('sum')!.entries()) expect(y).toBeCloseTo(sum[i]!, 3);
    expect(log(), 'all was captured before').toEqual([]);
    expect(executable.bytes).toBe(4 * plan.arena.elements + FIXED);
  });

  it('takes the fastest way to compute a product, and float32 unless TF32 is asked for', async () => {
    const captured = async (products?: 'fp32' | 'tf32') => {
      const log = fakeCudaLog();
      (await open(smallPlan(), products)).close();
      return log().filter((line) => line.startsWith('product'));
    };
    const lines = await captured();
    expect(lines.at(-2)).toBe('product 12x12x5 of type 68 by algorithm 2');
    expect(lines.at(-1)).toBe('product 12x12x5 of type 68 by algorithm 2, in place');
    expect(lines.some((line) => /algorithm [13]/.test(line))).toBe(false);
    expect((await captured('tf32')).at(-1)).toBe('product 12x12x5 of type 77 by algorithm 2, in place');
  });

  it('names kernels and times in its profile', async () => {
    const executable = await open();
    const { steps, total } = await executable.profile(3);
    expect(steps.map(({ name, kernel }) => [name, kernel])).toEqual([
      ['patches', 'patches_nchw_f32_4x6_c3_p2_n0'],
      ['dw', 'cuda_general_fprop_f32'],
      ['gelu', 'gelu_f32_c12'],
      ['up', 'cuBLASLt 13.2.3 in float32'],
      ['add', 'cuBLASLt 13.2.3 in float32'],
    ]);
    for (const { time } of steps) expect(time).toBeCloseTo(1, 1);
    expect(total).toBeCloseTo(5, 1);
    expect(await executable.time(4)).toBeGreaterThan(0); // by the wall clock
  });

  it('gives back what it holds when it is closed, after a run that is under way', async () => {
    const log = fakeCudaLog();
    const executable = await open();
    const run = executable.run(IMAGES);
    executable.close();
    await expect(executable.run(IMAGES)).rejects.toThrow(/was closed; open the plan again/);
    await run.catch(() => undefined);
    executable.close();
    const tables = 3; // of the general kernel's shape, which are the kernel's
    await expect.poll(() => leftAllocated(log()).length, { timeout: 20_000 }).toBeLessThanOrEqual(tables);
  });
});

describe('GELU by tanh', () => {
  it('is part of the product before it, where there is cuBLASLt', async () => {
    expect(await cudaFusion(gpu, {})).toMatchObject({ normIntoProduct: false, geluIntoProduct: true });
    const plan = smallPlan({ gelu: 'tanh' });
    const log = fakeCudaLog();
    const executable = await open(plan);
    const products = log().filter((line) => line.startsWith('product'));
    expect(products.at(-2)).toBe('product 12x12x5 of type 68 by algorithm 2, GELU');
    expect(products.at(-1)).toBe('product 12x12x5 of type 68 by algorithm 2, in place');
    const { active, sum, up } = await expected(plan);
    const results = await executable.run(IMAGES);
    for (const [i, y] of results.get('active')!.entries()) expect(y).toBeCloseTo(active[i]!, 4);
    for (const [i, y] of results.get('sum')!.entries())
      expect(y).toBeCloseTo(sum[i]! - up[i]! + tanhGelu(up[i]!, 'tanh'), 3);
    const { steps } = await executable.profile(1);
    expect(steps[3]).toMatchObject({ name: 'up', kernel: 'cuBLASLt 13.2.3 in float32, with GELU' });
  });
});

describe('a stem', () => {
  const convolution = (kernel: number) =>
    problem({ height: 224, width: 224, stride: 2, kernel, angles: PAPER_ANGLES, channels: 64 });

  /** The stem alone. */
  function stemPlan(kernel: number): Plan {
    const builder = planBuilder({ batch: 1, height: 224, width: 224 });
    const map = stem(builder, 'dw1', convolution(kernel), {
      weight: constant('dw1.weight', [kernel + 3, 64]),
      bias: constant('dw1.bias', [2, 64]),
    });
    return builder.finish({ map });
  }

  /** Its fusion, and its launch, on a GPU whose blocks can have so many KiB of shared memory. */
  async function onGpu(kibibytes: number, kernel: number, products?: 'tf32', arch = 'sm_90') {
    vi.stubEnv('FAKE_CUDA_ROOM', `${kibibytes << 10}`);
    gpu = { ...openCuda(), target: { kind: 'cuda', arch } };
    const plan = stemPlan(kernel);
    const { pointwiseIntoConvolution } = await cudaFusion(gpu, {});
    const isOne = pointwiseIntoConvolution(stemOf(planBuilder(plan).images, convolution(kernel)));
    const log = fakeCudaLog();
    const opened = await open(plan, products).catch((error: Error) => error);
    const launched = log().filter((line) => line.startsWith('launch stem'));
    if ('close' in opened) opened.close();
    return { isOne, launched, opened };
  }

  it.each([
    [227, 31, /^launch stem_f32_224x224_s2_k31_\w+_c64, \d+ blocks of 256, 115600 bytes$/],
    [99, 31, /^launch stem_f32_224x224_s2_k31_\w+_c64_r23x23, \d+ blocks of 256, 92160 bytes$/],
    [64, 31, /^launch stem_f32_224x224_s2_k31_\w+_c64_r16x16, \d+ blocks of 256, 59536 bytes$/],
    [99, 15, /^launch stem_f32_224x224_s2_k15_\w+_c64, \d+ blocks of 256, 86000 bytes$/],
  ])(
    'on a GPU of %i KiB a block and of %i taps is one step, in what there is',
    async (room, kernel, line) => {
      const { isOne, launched } = await onGpu(room, kernel);
      expect(isOne).toBe(true);
      expect(launched).toEqual([expect.stringMatching(line)]);
    },
  );

  it.each([
    [227, 31, /_c64_tf32_r28x16_h7_w8_f4, \d+ blocks of 384, 195840 bytes$/],
    [163, 31, /_c64_tf32_r14x16_h7_w8_f4, \d+ blocks of 384, 131328 bytes$/],
    [99, 31, /_c64_r23x23, \d+ blocks of 256, 92160 bytes$/],
    [227, 81, /_k81_\w+_c64_r\w+, \d+ blocks of 256, \d+ bytes$/],
  ])(
    'on a GPU of %i KiB a block and of %i taps multiplies in TF32 by tensor cores, if it can',
    async (room, kernel, line) => {
      const { launched } = await onGpu(room, kernel, 'tf32');
      expect(launched).toEqual([expect.stringMatching(line)]);
    },
  );

  it('multiplies in float32 where tensor cores have no TF32', async () => {
    const { launched } = await onGpu(64, 31, 'tf32', 'sm_75');
    expect(launched).toEqual([expect.stringMatching(/_c64_r16x16, /)]);
  });

  it('of more taps than a block has room for is three steps of a network', async () => {
    const sizes = { depths: [1, 1, 1, 1], widths: [8, 16, 24, 32], stemWidth: 12, stemKernel: 81 };
    const config = modelConfigOf({ variant: '1d', classes: 10, ...sizes });
    const weights = await fitWeights(initialWeights(config, 1), config);
    const firstSteps = async (kibibytes: number) => {
      vi.stubEnv('FAKE_CUDA_ROOM', `${kibibytes << 10}`);
      gpu = openCuda();
      const spec = { batch: 1, height: 64, width: 96, fusion: await cudaFusion(gpu, {}) };
      const { steps } = classifierPlan(config, weights, spec);
      return steps.slice(0, 3).map(({ name }) => name.replace('downsample_layers.0.', ''));
    };
    expect(await firstSteps(99)).toEqual(['pixels', 'pw1', 'dw1']);
    expect(await firstSteps(227)).toEqual(['dw1', 'norm1', 'dw2']);
  });

  it('that has no room is refused', async () => {
    const { isOne, opened } = await onGpu(99, 81);
    expect(isOne).toBe(false);
    expect(opened).toMatchObject({
      code: 'stem-room',
      rule: expect.stringContaining('in 101376 bytes of shared memory a block cannot hold'),
    });
    expect((await onGpu(227, 81)).isOne).toBe(true);
  });
});

describe('a plan that cannot be had', () => {
  it('does not fit: says how much it needs, how much there is, and the batch that would fit', async () => {
    const plan = smallPlan();
    const arena = 4 * plan.arena.elements;
    const free = FIXED + arena - 1;
    vi.stubEnv('FAKE_CUDA_FREE', `${free}`);
    await expect(open(plan)).rejects.toThrow(
      `images of this size need ${FIXED + arena} bytes, and of the ${2 * free} of Fake GPU ${free} are free; use a batch of at most 1`,
    );
    vi.stubEnv('FAKE_CUDA_FREE', `${FIXED}`);
    await expect(open(plan)).rejects.toMatchObject({
      code: 'plan-memory',
      remedy: 'use smaller images, or free memory of the device',
    });
  });

  it('fails on its way: what it took is given back', async () => {
    const log = fakeCudaLog();
    letFail('cuModuleLoadDataEx', 209);
    await expect(open()).rejects.toThrow(/CUDA_ERROR_NO_BINARY_FOR_GPU/);
    letFail('cuModuleLoadDataEx', 0);
    expect(leftAllocated(log())).toEqual([]);
  });

  it.each([{ normalize: true }, { normalize: true, gelu: 'tanh' }] as const)(
    'is one of a device that fuses %j',
    async (fused) => {
      await expect(open(smallPlan(fused))).rejects.toThrow(/on a GPU, LayerNorm is a step of its own/);
    },
  );

  it('is given other images, or profiled in no round', async () => {
    const executable = await open();
    await expect(executable.run(IMAGES.slice(1))).rejects.toMatchObject({ code: 'images-length' });
    await expect(executable.profile(0)).rejects.toMatchObject({ code: 'rounds-range' });
    await expect(executable.time(0.5)).rejects.toMatchObject({ code: 'runs-range' });
  });
});

describe('without cuBLASLt', () => {
  beforeEach(() => {
    gpu = { ...gpu, blas: async () => undefined };
  });

  it('products have a kernel of their own', async () => {
    const log = fakeCudaLog();
    letFail('cuLaunchKernel', 0);
    const executable = await open();
    expect(log().filter((line) => line.startsWith('launch product'))).toEqual([
      'launch product_f32_i12_o5_n0_g0_r0, 1 blocks of 256, 0 bytes',
      'launch product_f32_i12_o5_n0_g0_r1, 1 blocks of 256, 0 bytes',
    ]);
    expect(executable.bytes).toBe(4 * executable.plan.arena.elements + FIXED - (32 << 20));
  });

  it('GELU is a step of its own', async () => {
    const apart = { normIntoProduct: false, geluIntoProduct: false };
    expect(await cudaFusion(gpu, {})).toMatchObject(apart);
    const log = fakeCudaLog();
    await (await open(smallPlan({}, 'tanh'))).run(IMAGES);
    expect(log()).toContain('launch gelu_tanh_f32_c12, 1 blocks of 256, 0 bytes');
    await expect(open(smallPlan({ gelu: 'tanh' }))).rejects.toMatchObject({ code: 'product-fused' });
  });

  it('TF32 cannot be had', async () => {
    await expect(open(smallPlan(), 'tf32')).rejects.toThrow(/not found; pip install nvidia-cublas/);
  });
});
