import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LaunchPlan, Reduction } from '../../../generator/launch.js';
import { problem } from '../../../generator/problem.js';
import { cudaAddon } from '../../../runtime/cuda/addon.js';
import { type CudaDevice, openCuda } from '../../../runtime/cuda/device.js';
import { type CudaGradient, cudaGradient } from '../../../runtime/cuda/gradient.js';
import { type Queue, queueOf } from '../../../runtime/cuda/queue.js';
import { type CudaTensor, deviceTensor, download, upload } from '../../../runtime/cuda/tensor.js';
import { binaryPair } from '../../../runtime/gradient_dispatch.js';
import { fakeCudaLog, leftAllocated, letFail, loadFakeCuda } from '../../support/fake_cuda.js';
import { dgradFormula, wgradFormula } from '../../support/formula.js';
import { gradientOperands } from '../../support/gradient_operands.js';
import { wholeNumbers } from '../../support/numbers.js';

// Everything but the GPU, for layers of one weight, as tests/support/fake_cuda.cpp computes them.

const WGRAD = problem({ op: 'wgrad', height: 4, width: 8, kernel: 1, angles: [0], batch: 3 });
const BACKWARD = problem({ ...WGRAD, op: 'backward' });
const PLAN: LaunchPlan = Object.freeze({
  kind: 'launch-plan',
  threads: 64,
  blocks: 5,
  images: 2,
  sharedBytes: 1024,
  packedFloats: 0,
  partial: Object.freeze({ fixedFloats: 8, floatsPerGroup: 100 }),
});
const BACKWARD_PLAN: LaunchPlan = Object.freeze({ ...PLAN, packedFloats: 2 });
const GIVEN = gradientOperands(BACKWARD, wholeNumbers, true);
const { input, grad } = GIVEN;
const OF_WEIGHTS = {
  weightGrad: Float32Array.from(wgradFormula(WGRAD, GIVEN).weightGrad),
  biasGrad: Float32Array.from(wgradFormula(WGRAD, GIVEN).biasGrad),
};
const OF_ALL = {
  inputGrad: Float32Array.from(dgradFormula(BACKWARD, { input: grad, weight: GIVEN.weight!, resid: true })),
  ...OF_WEIGHTS,
};
const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
const image = join(folder, 'kernel.ptx');

let gpu: CudaDevice;
beforeAll(async () => {
  await loadFakeCuda();
  writeFileSync(image, '// any text');
});
beforeEach(() => {
  gpu = openCuda();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

const backwardOf = () => gpu.loadGradientBinary(BACKWARD, image, BACKWARD_PLAN, 'gradient');
const wgradOf = () => gpu.loadGradientBinary(WGRAD, image, PLAN, 'gradient');

/** Tensors of x and dy with their numbers, and of what is written. */
function tensors(device: Pick<CudaDevice, 'tensor' | 'upload'> = gpu) {
  const filled = (array: Float32Array) => {
    const tensor = device.tensor(array.length);
    device.upload(tensor, array);
    return tensor;
  };
  return {
    input: filled(input),
    grad: filled(grad),
    inputGrad: device.tensor(96),
    weightGrad: device.tensor(1),
    biasGrad: device.tensor(1),
  };
}

function numbersOf(tensor: CudaTensor): Float32Array {
  const array = new Float32Array(tensor.length);
  gpu.download(tensor, array);
  return array;
}

describe('a gradient', () => {
  it('is launched as its plan says, once for all images, and backward alone packs weights', () => {
    const log = fakeCudaLog();
    const { inputGrad: _, ...read } = tensors();
    wgradOf().prepare({}).bind(read).run();
    expect(log().filter((line) => line.startsWith('launch'))).toEqual([
      'launch gradient, 10 blocks of 64, 1024 bytes',
    ]);
    backwardOf().prepare({ weight: GIVEN.weight! }).bind(tensors()).run();
    expect(log().filter((line) => line.startsWith('launch'))).toEqual([
      'launch gradient_pack, 1 blocks of 256, 0 bytes',
      'launch gradient, 10 blocks of 64, 1024 bytes',
    ]);
  });

  it('has partial sums of its own, of the size that the batch needs, zeroed when they are made', () => {
    const log = fakeCudaLog();
    const prepared = wgradOf().prepare({});
    const sizes = (batch: number) => {
      const length = 32 * batch;
      const bound = prepared.bind({
        input: gpu.tensor(length),
        grad: gpu.tensor(length),
        weightGrad: gpu.tensor(1),
        biasGrad: gpu.tensor(1),
        batch,
      });
      const lines = log();
      bound.free();
      const [pointer] = lines
        .filter((line) => line.startsWith('allocate'))
        .at(-1)!
        .split(' ')
        .slice(1);
      expect(log()).toEqual([`free ${pointer}`]);
      return lines.filter((line) => line.startsWith('fill'));
    };
    expect([1, 2, 3, 7].map(sizes)).toEqual(
      [108, 108, 208, 408].map((words) => [`fill ${words} words of 0`]),
    );
  });

  it('computes on tensors, again and again, on any stream', () => {
    const bindings = tensors();
    const { run } = backwardOf().prepare({ weight: GIVEN.weight!, resid: true }).bind(bindings);
    for (const stream of [undefined, gpu.stream()]) {
      for (const output of [bindings.inputGrad, bindings.weightGrad]) gpu.fill(output, Number.NaN).run();
      run(stream);
      expect(numbersOf(bindings.inputGrad)).toEqual(OF_ALL.inputGrad);
      expect(numbersOf(bindings.weightGrad)).toEqual(OF_ALL.weightGrad);
      expect(numbersOf(bindings.biasGrad)).toEqual(OF_ALL.biasGrad);
    }
  });

  it('goes into a graph, and is timed', () => {
    const bindings = tensors();
    const launch = backwardOf().prepare({ weight: GIVEN.weight!, resid: true }).bind(bindings);
    const graph = gpu.graph([launch, launch]);
    graph.run();
    expect(numbersOf(bindings.weightGrad)).toEqual(OF_ALL.weightGrad);
    expect(graph.time(3)).toBeCloseTo(1, 3);
  });

  it('computes on arrays of the host, here or off this thread, and frees all that it took', async () => {
    const gradients: [CudaGradient, object, object][] = [
      [wgradOf(), { input, grad }, OF_WEIGHTS],
      [backwardOf(), GIVEN, OF_ALL],
    ];
    const log = fakeCudaLog();
    for (const [gradient, args, expected] of gradients) {
      expect(gradient.run(args as typeof GIVEN)).toEqual(expected);
      expect(await gradient.runAsync(args as typeof GIVEN)).toEqual(expected);
    }
    expect(leftAllocated(log())).toEqual([]);
  });

  it('frees what it took when something fails, too', async () => {
    const gradient = backwardOf();
    const log = fakeCudaLog();
    letFail('cuMemcpyDtoHAsync_v2', 700);
    expect(() => gradient.run(GIVEN)).toThrow(/'gradient': .* CUDA_ERROR_ILLEGAL_ADDRESS/);
    await expect(gradient.runAsync(GIVEN)).rejects.toMatchObject({ code: 'cuda-lost', value: 'gradient' });
    letFail('cuMemsetD32Async', 1);
    expect(() => gradient.run(GIVEN)).toThrow(/'fill': cuMemsetD32Async failed/);
    letFail('cuLaunchKernel', 1);
    expect(() => gradient.run(GIVEN)).toThrow(/'gradient_pack': cuLaunchKernel failed/);
    letFail('none', 0);
    const wide = gpu.loadGradientBinary(BACKWARD, image, { ...BACKWARD_PLAN, blocks: 2 ** 30 }, 'gradient');
    expect(() => wide.run(GIVEN)).toThrow(/more blocks than .*; use a smaller batch/);
    expect(leftAllocated(log())).toEqual([]);
  });

  it('gets a tensor map of dy, as a whole and by value', () => {
    const gradMap = { kind: 'tensor-map', sizes: [1, 8, 4], box: [1, 4, 4, 1] } as const;
    const mapped = gpu.loadGradientBinary(WGRAD, image, { ...PLAN, gradMap }, 'mapped_gradient');
    const log = fakeCudaLog();
    expect(mapped.run({ input, grad })).toEqual(OF_WEIGHTS);
    const maps = log().filter((line) => line.startsWith('map'));
    expect(maps).toEqual([expect.stringContaining('sizes 1 8 4 3, steps 4 32 128, box 1 4 4 1')]);
  });

  it('gets a tensor map of x in front of that of dy', () => {
    const gradMap = { kind: 'tensor-map', sizes: [1, 8, 4], box: [1, 4, 4, 1] } as const;
    const inputMap = { ...gradMap, box: [1, 2, 4, 1] } as const;
    const mapped = gpu.loadGradientBinary(WGRAD, image, { ...PLAN, inputMap, gradMap }, 'mapped_gradient');
    const log = fakeCudaLog();
    mapped.run({ input, grad }); // the fake kernel knows one map: what it makes of two is no matter
    expect(log().filter((line) => line.startsWith('map'))).toEqual([
      expect.stringContaining('box 1 2 4 1'),
      expect.stringContaining('box 1 4 4 1'),
    ]);
  });

  it('lets a reduction start early that waits itself, and no other', () => {
    const reduction = { blocks: 3, leastGroups: 1 };
    const launched = (of: Reduction) => {
      const partial = { ...PLAN.partial!, reduction: of };
      const gradient = gpu.loadGradientBinary(WGRAD, image, { ...PLAN, partial }, 'gradient');
      const log = fakeCudaLog();
      expect(gradient.run({ input, grad })).toEqual(OF_WEIGHTS);
      return log().filter((line) => line.includes('launch'));
    };
    const kernel = 'launch gradient, 10 blocks of 64, 1024 bytes';
    const sums = 'launch gradient_reduce, 3 blocks of 256, 0 bytes';
    expect(launched(reduction)).toEqual([kernel, sums]);
    expect(launched({ ...reduction, early: true })).toEqual([kernel, `early ${sums}`]);
  });

  it('gets a tensor map of dy with the steps that its kernel sees, if they are inside of an image', () => {
    const map = { kind: 'tensor-map', sizes: [1, 4, 8], box: [1, 4, 4, 1] } as const;
    const mapped = (steps: readonly number[]) =>
      gpu.loadGradientBinary(WGRAD, image, { ...PLAN, gradMap: { ...map, steps } }, 'mapped_gradient');
    const log = fakeCudaLog();
    expect(mapped([8, 1]).run({ input, grad })).toEqual(OF_WEIGHTS);
    const maps = log().filter((line) => line.startsWith('map'));
    expect(maps).toEqual([expect.stringContaining('sizes 1 4 8 3, steps 32 4 128, box 1 4 4 1')]);
    for (const steps of [[8, 2], [9, 1], [33, 1], [8], [8, 1, 32]])
      expect(() => mapped(steps).run({ input, grad })).toThrow(/\bsteps?\b/);
  });

  it('tells what its kernel takes', () => {
    expect(wgradOf()).toMatchObject({
      kind: 'cuda-gradient',
      problem: WGRAD,
      origin: { kind: 'binary', path: image, symbol: 'gradient' },
      kernel: { registers: 40, localBytes: 30, sharedBytes: 1034, threads: 64 },
    });
  });

  it('refuses tensors and arrays that do not fit, or lie over one another', () => {
    const { bind } = backwardOf().prepare({ weight: GIVEN.weight! });
    const bindings = tensors();
    const { inputGrad, ...without } = bindings;
    expect(() => bind({ ...bindings, grad: gpu.tensor(95) })).toThrow(
      /grad must be a tensor .* \[3, 4, 8, 1\]/,
    );
    expect(() => bind(without)).toThrow(
      /^'undefined': inputGrad must be a tensor of the device, of 96 elements/,
    );
    expect(() => bind({ ...bindings, weightGrad: gpu.tensor(2) })).toThrow(/of 1 elements, \[1, 1\]/);
    expect(() => bind({ ...bindings, inputGrad: bindings.grad })).toThrow(
      "'one tensor': grad and inputGrad must not share memory",
    );
    expect(() => bind({ ...bindings, biasGrad: bindings.weightGrad })).toThrow(/must not share memory/);
    expect(() => bind({ ...bindings, batch: 0 })).toThrow(/batch must be/);
    expect(() =>
      wgradOf()
        .prepare({})
        .bind({ ...without, inputGrad }),
    ).toThrow(/leave inputGrad out/);
    expect(() => wgradOf().prepare({ weight: GIVEN.weight! })).toThrow(/leave weight out/);
    expect(() => backwardOf().prepare({})).toThrow(/weight must be a Float32Array of 1 elements/);
    expect(() => wgradOf().run({ input, grad: grad.subarray(1) })).toThrow(
      /grad must be a Float32Array of 96/,
    );
  });

  it('is for gradients, and load for what is none', async () => {
    const fprop = problem({ ...WGRAD, op: 'fprop' });
    expect(() => gpu.loadGradientBinary(fprop, image, PLAN, 'gradient')).toThrow('use load or loadBinary');
    await expect(gpu.loadGradient(fprop)).rejects.toThrow('use load or loadBinary');
    await expect(gpu.load(WGRAD)).rejects.toThrow('use loadGradient or loadGradientBinary');
  });
});

describe('backward of two kernels', () => {
  const strided = problem({ ...BACKWARD, layout: 'nchw' });
  let queue: Queue;
  let gradient: CudaGradient;
  beforeEach(() => {
    queue = queueOf(cudaAddon().device(0));
    const code = { image: Uint8Array.of(32, 0), takesShape: false };
    const binary = (symbol: string, plan: LaunchPlan) => ({
      ...code,
      symbol,
      plan,
      origin: { kind: 'general', reason: symbol } as const,
    });
    const { partial: _, ...plan } = BACKWARD_PLAN;
    gradient = cudaGradient(
      strided,
      binaryPair('why', binary('scale', plan), binary('gradient', PLAN)),
      queue,
    );
  });

  it('computes on arrays of the host, and frees all that it took', async () => {
    expect(gradient.origin).toMatchObject({ kind: 'pair', reason: 'why', dgrad: { reason: 'scale' } });
    const log = fakeCudaLog();
    expect(gradient.run(GIVEN)).toEqual(OF_ALL);
    expect(await gradient.runAsync(GIVEN)).toEqual(OF_ALL);
    const lines = log();
    expect(lines.filter((line) => line.startsWith('launch')).slice(0, 3)).toEqual([
      'launch scale_pack, 1 blocks of 256, 0 bytes',
      'launch scale, 10 blocks of 64, 1024 bytes',
      'launch gradient, 10 blocks of 64, 1024 bytes',
    ]);
    expect(leftAllocated(lines)).toEqual([]);
  });

  it('is one launch, which goes into a graph, too', () => {
    const bindings = tensors({
      tensor: (length) => deviceTensor(queue, length),
      upload: (tensor, array) => upload(queue, tensor, array),
    });
    const launch = gradient.prepare({ weight: GIVEN.weight!, resid: true }).bind(bindings);
    expect(launch.name).toBe('scale, gradient');
    const result = new Float32Array(96);
    launch.run();
    download(queue, bindings.inputGrad, result);
    expect(result).toEqual(OF_ALL.inputGrad);
    const { stream } = queue;
    const graph = cudaAddon().graph([launch.native, launch.native], stream.native);
    graph.run();
    expect(cudaAddon().time(graph, 1, stream.native)).toBeCloseTo(4, 3);
    expect(() => cudaAddon().sequence([], stream.native)).toThrow('a sequence needs some work');
    expect(() =>
      cudaAddon().sequence([launch.native, gpu.fill(gpu.tensor(1), 0).native], stream.native),
    ).toThrow('of another device');
    bindings.grad.free();
    expect(launch.run).toThrow(/a tensor that is used was freed/);
  });
});
