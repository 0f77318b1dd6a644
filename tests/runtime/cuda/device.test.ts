import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LaunchPlan } from '../../../generator/launch.js';
import { problem } from '../../../generator/problem.js';
import { cudaAddon } from '../../../runtime/cuda/addon.js';
import type { CudaConvolution } from '../../../runtime/cuda/convolution.js';
import { type CudaDevice, openCuda } from '../../../runtime/cuda/device.js';
import { DeviceError } from '../../../runtime/errors.js';
import { fakeCudaLog, leftAllocated, letFail, loadFakeCuda } from '../../support/fake_cuda.js';
import { wholeNumbers } from '../../support/numbers.js';

// Everything but the GPU: what is asked of the driver, in which order, and what comes of its failures.

const P = problem({ height: 4, width: 8, kernel: 1, angles: [0], batch: 2 });
const PLAN: LaunchPlan = Object.freeze({
  kind: 'launch-plan',
  threads: 32,
  blocks: 1,
  images: 1,
  sharedBytes: 65536,
  packedFloats: 2,
});
const INPUT = wholeNumbers(64);
const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
const image = join(folder, 'kernel.ptx');

let gpu: CudaDevice;
let convolution: CudaConvolution;

beforeAll(async () => {
  await loadFakeCuda();
  writeFileSync(image, '// any text');
});
beforeEach(() => {
  gpu = openCuda();
  convolution = gpu.loadBinary(P, image, PLAN, 'scale');
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

/** The convolution with weight 3 and bias 1, bound to tensors of its own. */
function bound() {
  const [input, output] = [gpu.tensor(64), gpu.tensor(64)];
  gpu.upload(input, INPUT);
  const parameters = { weight: Float32Array.of(3), bias: Float32Array.of(1) };
  return { input, output, ...convolution.prepare(parameters).bind({ input, output }) };
}

describe('openCuda', () => {
  it('tells what there is', () => {
    expect(gpu).toMatchObject({
      kind: 'cuda',
      target: { kind: 'cuda', arch: 'sm_90' },
      index: 0,
      name: 'Fake GPU',
      multiprocessors: 4,
      l2Bytes: 1 << 20,
      sharedBytes: 232448,
      driver: '12.4',
    });
    expect(gpu.memory()).toEqual({ freeBytes: 1 << 20, totalBytes: 2 << 20 });
    expect(Object.isFrozen(gpu)).toBe(true);
  });

  it('says that there is no such device', () => {
    expect(() => openCuda({ device: 7 })).toThrow(/^'CUDA device 7': cuDeviceGet failed: /);
    expect(() => openCuda({ device: -1 })).toThrow('-1: a device is a whole number from 0');
    letFail('cuInit', 0); // initialised once and for all
    expect(openCuda().index).toBe(0);
  });
});

describe('tensors', () => {
  it('hold what is uploaded, in whole or in part', () => {
    const tensor = gpu.tensor(4);
    gpu.upload(tensor, Float32Array.of(1, 2, 3, 4));
    gpu.upload(tensor, Float32Array.of(9), 2);
    const [all, part] = [new Float32Array(4), new Float32Array(2)];
    gpu.download(tensor, all);
    gpu.download(tensor, part, 1);
    expect([...all, ...part]).toEqual([1, 2, 9, 4, 2, 9]);
  });

  it('refuse what does not fit, and lengths that are none', () => {
    const tensor = gpu.tensor(4);
    for (const at of [1, -1, 0.5])
      expect(() => gpu.upload(tensor, new Float32Array(4), at)).toThrow('the tensor has 4 elements');
    expect(() => gpu.download(tensor, [1] as never)).toThrow("'Array': array must be a Float32Array");
    expect(() => gpu.tensor(1.5)).toThrow('a tensor has a whole number of elements');
    expect(() => cudaAddon().upload(null as never, tensor.native, 0, new Float32Array(1))).toThrow(
      'expected a CUDA stream',
    );
  });

  it('say how much the device could not give', () => {
    letFail('cuMemAlloc_v2', 2);
    const allocate = () => gpu.tensor(100);
    expect(allocate).toThrow(DeviceError);
    expect(allocate).toThrow(
      "'400 bytes on Fake GPU': cuMemAlloc_v2 failed: CUDA_ERROR_OUT_OF_MEMORY, a text; use a smaller batch",
    );
  });

  it('are gone once freed, and no launch uses them then', () => {
    const { input, output, run } = bound();
    const graph = gpu.graph([gpu.copy(output, input)]);
    const log = fakeCudaLog();
    input.free();
    input.free();
    expect(log()).toEqual([expect.stringMatching(/^free /)]);
    for (const use of [
      run,
      graph.run,
      () => gpu.upload(input, INPUT),
      () => graph.time(1),
      () => gpu.graph([gpu.fill(input, 0)]),
    ])
      expect(use).toThrow(/a tensor that is used was freed; bind it anew/);
    expect(log()).toEqual(['stream 1']); // the last graph's, to capture on
  });
});

describe('a convolution', () => {
  it('launches both kernels as the plan says', () => {
    const log = fakeCudaLog();
    bound().run();
    expect(log().filter((line) => line.startsWith('launch'))).toEqual([
      'launch scale_pack, 1 blocks of 256, 0 bytes',
      'launch scale, 2 blocks of 32, 65536 bytes',
    ]);
  });

  it('computes on tensors, again and again', () => {
    const { input, output, run } = bound();
    const result = new Float32Array(64);
    run();
    gpu.download(output, result);
    expect(result).toEqual(INPUT.map((x) => 3 * x + 1));
    gpu.fill(input, 2).run();
    run(gpu.stream());
    gpu.download(output, result);
    expect(result).toEqual(new Float32Array(64).fill(7));
  });

  it('computes on arrays of the host, here or off this thread, and frees all that it took', async () => {
    const args = { input: INPUT, weight: Float32Array.of(2), resid: true };
    const log = fakeCudaLog();
    const expected = INPUT.map((x) => 3 * x);
    expect(convolution.run(args)).toEqual(expected);
    expect(await convolution.runAsync(args)).toEqual(expected);
    const lines = log();
    expect(lines.filter((line) => line.startsWith('allocate'))).toHaveLength(8);
    expect(leftAllocated(lines)).toEqual([]);
  });

  it('frees what it took when a kernel fails, too', async () => {
    const args = { input: INPUT, weight: Float32Array.of(2) };
    const log = fakeCudaLog();
    letFail('cuMemcpyDtoHAsync_v2', 700);
    expect(() => convolution.run(args)).toThrow(/'scale': .* CUDA_ERROR_ILLEGAL_ADDRESS/);
    await expect(convolution.runAsync(args)).rejects.toMatchObject({ code: 'cuda-lost', value: 'scale' });
    letFail('cuLaunchKernel', 1);
    expect(() => convolution.run(args)).toThrow(/'scale_pack': cuLaunchKernel failed/);
    expect(leftAllocated(log())).toEqual([]);
  });

  it('tells what its kernel takes', () => {
    expect(convolution).toMatchObject({
      kind: 'cuda-convolution',
      origin: { kind: 'binary', path: image, symbol: 'scale' },
      kernel: { registers: 40, localBytes: 30, sharedBytes: 65546, threads: 32 },
    });
  });

  it.each([
    [
      'input',
      (gpu: CudaDevice) => ({ input: gpu.tensor(63), output: gpu.tensor(64) }),
      /of 64 elements, \[2, 4, 8, 1\]/,
    ],
    [
      'output',
      (gpu: CudaDevice) => ({ input: gpu.tensor(64), output: new Float32Array(64) }),
      /output must be a tensor/,
    ],
    [
      'batch',
      (gpu: CudaDevice) => ({ input: gpu.tensor(64), output: gpu.tensor(64), batch: 0 }),
      /batch must be/,
    ],
  ])('refuses a wrong %s', (_, wrong, message) => {
    const prepared = convolution.prepare({ weight: Float32Array.of(1) });
    expect(() => prepared.bind(wrong(gpu) as never)).toThrow(message);
  });

  it('refuses to write over its input, weights that do not fit, and a grid beyond the device', () => {
    const tensor = gpu.tensor(64);
    const prepared = convolution.prepare({ weight: Float32Array.of(1) });
    expect(() => prepared.bind({ input: tensor, output: tensor })).toThrow(/must not share memory/);
    expect(() => convolution.prepare({ weight: new Float32Array(2) })).toThrow(/weight must be/);
    const wide = gpu.loadBinary(P, image, { ...PLAN, blocks: 2 ** 30 }, 'scale');
    const tensors = { input: gpu.tensor(64), output: gpu.tensor(64) };
    expect(() => wide.prepare({ weight: Float32Array.of(1) }).bind(tensors)).toThrow(/use a smaller batch/);
  });
});

describe('a kernel that takes a tensor map', () => {
  const inputMap = { kind: 'tensor-map', sizes: [1, 8, 4], box: [4, 9, 5, 1] } as const;
  const bind = (batch: number) => {
    const [input, output] = [gpu.tensor(32 * batch), gpu.tensor(32 * batch)];
    gpu.upload(input, INPUT.subarray(0, 32 * batch));
    const mapped = gpu.loadBinary(P, image, { ...PLAN, inputMap }, 'mapped');
    const parameters = { weight: Float32Array.of(3), bias: Float32Array.of(1) };
    return { input, output, ...mapped.prepare(parameters).bind({ input, output, batch }) };
  };

  it.each([1, 2])('gets one of its input and %i images, as a whole and by value', (batch) => {
    const log = fakeCudaLog();
    const { output, run } = bind(batch);
    const lines = log();
    const [address] = lines.filter((line) => line.startsWith('allocate')).map((line) => line.split(' ')[1]);
    expect(lines.filter((line) => line.startsWith('map'))).toEqual([
      // float32, 128 bytes of the L2 at a time, zeros outside
      `map ${address} of type 7, sizes 1 8 4 ${batch}, steps 4 32 128, box 4 9 5 1 every 1 1 1 1, modes 0 0 2 0`,
    ]);
    run();
    run();
    const result = new Float32Array(32 * batch);
    gpu.download(output, result);
    expect(result).toEqual(INPUT.subarray(0, 32 * batch).map((x) => 3 * x + 1));
  });

  it('is not bound where the driver refuses the map, and does not run on a tensor that was freed', () => {
    letFail('cuTensorMapEncodeTiled', 1);
    expect(() => bind(2)).toThrow(/^'mapped': cuTensorMapEncodeTiled failed: CUDA_ERROR_INVALID_VALUE/);
    letFail('cuTensorMapEncodeTiled', 0);
    const { input, run } = bind(2);
    input.free();
    expect(run).toThrow(/a tensor that is used was freed; bind it anew/);
  });

  it('needs a map that lies in the tensor', () => {
    const { launch, buffer, stream, device, module, kernel } = cudaAddon();
    const gpu = device(0);
    const run = kernel(module(gpu, new Uint8Array([32, 0])), 'mapped', 0);
    const map = (sizes: readonly number[], box: readonly number[]) =>
      launch(run, 1, 1, [{ buffer: buffer(gpu, 128), sizes, box }], stream(gpu));
    expect(() => map([4, 2, 2, 3], [4, 3, 3, 1])).toThrow('beyond the end of the tensor');
    expect(() => map([4, 2, 2], [4, 3, 3, 1])).toThrow('a tensor and its box have the same dimensions');
    expect(() => map([4, 2, 2, 1], [4, 3, 0, 1])).toThrow('box must be a whole number from 1');
  });
});

describe('loadBinary', () => {
  it('names what is missing, or not for this device, with the assembler‘s log', () => {
    expect(() => gpu.loadBinary(P, '/nowhere/k.cubin', PLAN, 'k')).toThrow(
      /'\/nowhere\/k\.cubin': the kernel cannot be read: no such file or directory/,
    );
    letFail('cuModuleLoadDataEx', 209);
    expect(() => gpu.loadBinary(P, image, PLAN, 'k')).toThrow(
      /'k': cuModuleLoadDataEx failed: CUDA_ERROR_NO_BINARY_FOR_GPU, a text: ptxas: a log; compile .* this device/,
    );
    letFail('cuModuleGetFunction', 500);
    expect(() => gpu.loadBinary(P, image, PLAN, 'k')).toThrow(
      /'k': cuModuleGetFunction failed: .*_NOT_FOUND/,
    );
  });

  it('refuses what no kernel does', () => {
    const wgrad = problem({ ...P, op: 'wgrad' });
    expect(() => gpu.loadBinary(wgrad, image, PLAN, 'k')).toThrow('use loadGradient or loadGradientBinary');
  });
});

describe('graphs and copies', () => {
  it('do several launches in one go, and tell the time of one', () => {
    const { output, run: _, ...launch } = bound();
    const copied = gpu.tensor(64);
    const { run } = bound();
    run();
    const one = { ...launch, run } as never;
    expect(gpu.time([one, one, one], 5)).toBeCloseTo(1, 3);
    const graph = gpu.graph([one, gpu.copy(copied, output, 32)]);
    expect(graph.name).toBe('scale, copy');
    gpu.fill(copied, Number.NaN).run();
    graph.run();
    const result = new Float32Array(64);
    gpu.download(copied, result);
    expect(result.subarray(0, 32)).toEqual(INPUT.subarray(0, 32).map((x) => 3 * x + 1));
    expect(result.subarray(32).every(Number.isNaN)).toBe(true);
  });

  it('refuse what cannot be', () => {
    const { input, output, run } = bound();
    expect(() => gpu.copy(output, input, 65)).toThrow(/beyond the end of the tensor/);
    expect(() => gpu.graph([])).toThrow(/a graph needs some work/);
    const fill = gpu.fill(input, 0);
    expect(() => gpu.time([fill], 0)).toThrow('repetitions must be a whole number from 1');
    expect(() => run({ native: {} } as never)).toThrow(/expected a CUDA stream/);
    const elsewhere = openCuda();
    expect(() => run(elsewhere.stream())).toThrow(/of another device/);
  });
});

describe('failures', () => {
  it('of a launch name the kernel', () => {
    const { run } = bound();
    letFail('cuLaunchKernel', 1);
    expect(run).toThrow("'scale': cuLaunchKernel failed: CUDA_ERROR_INVALID_VALUE, a text");
    letFail('cuLaunchKernel', 1234);
    expect(run).toThrow('cuLaunchKernel failed: CUDA error 1234, unknown to this driver');
  });

  it('of a kernel show when one waits for it, with its name', async () => {
    bound().run();
    letFail('cuStreamSynchronize', 700);
    expect(gpu.synchronize).toThrow(/'scale': .*CUDA_ERROR_ILLEGAL_ADDRESS.*start the process anew/);
    await expect(gpu.finished()).rejects.toMatchObject({
      code: 'cuda-lost',
      value: 'scale',
      cause: { call: 'cuStreamSynchronize', result: 'CUDA_ERROR_ILLEGAL_ADDRESS' },
    });
  });
});

it('gives everything back when nothing needs it any more, and not before', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const collect = async () => {
    for (let i = 0; i < 4; i++) {
      gc();
      await new Promise(setImmediate); // finalizers run after it
    }
  };
  await collect();
  const log = fakeCudaLog();
  const lines: string[] = [];
  const launch = { run: () => {} };
  (() => {
    const device = openCuda();
    const tensors = { input: device.tensor(64), output: device.tensor(64) };
    const prepared = device.loadBinary(P, image, PLAN, 'scale').prepare({ weight: Float32Array.of(1) });
    launch.run = prepared.bind(tensors).run;
  })();
  await collect();
  launch.run();
  lines.push(...log());
  expect(leftAllocated(lines)).toHaveLength(3);
  launch.run = () => {};
  await collect();
  lines.push(...log());
  expect(leftAllocated(lines)).toEqual([]);
  expect(lines.slice(-2)).toEqual(['unload', 'release']);
});
