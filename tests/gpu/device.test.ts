import { expect, it } from 'vitest';
import { openCuda } from '../../runtime/cuda/device.js';
import { onGpu } from '../support/gpu.js';
import { fractions } from '../support/numbers.js';
import { SCALE_PLAN, SCALE_PROBLEM, SCALE_PTX } from '../support/scale_kernel.js';

onGpu('a device', (gpu) => {
  it('tells what it is', () => {
    expect(gpu.target.arch).toMatch(/^sm_\d{2,3}$/);
    expect(gpu.driver).toMatch(/^\d+\.\d$/);
    expect(gpu.multiprocessors).toBeGreaterThan(0);
    expect(gpu.l2Bytes).toBeGreaterThan(1 << 19);
    expect(gpu.sharedBytes).toBeGreaterThanOrEqual(48 << 10);
  });

  it('says that there is no such device', () => {
    expect(() => openCuda({ device: 1000 })).toThrow(
      /'CUDA device 1000': cuDeviceGet failed: CUDA_ERROR_INVALID_DEVICE, invalid device ordinal/,
    );
  });

  it('gives memory and takes it back', () => {
    const gibibytes = () => gpu.memory().freeBytes / 2 ** 30;
    const taken = () => {
      const before = gibibytes();
      const tensor = gpu.tensor(1 << 30);
      const between = gibibytes();
      tensor.free();
      return Math.min(before - between, gibibytes() - between);
    };
    // Other tests take and give at the same time, but not each time: memory that is never given back would show in all.
    expect(Math.max(...Array.from({ length: 5 }, taken))).toBeGreaterThan(3);
    expect(() => gpu.tensor(2 ** 48)).toThrow(/CUDA_ERROR_OUT_OF_MEMORY, out of memory; use a smaller batch/);
  });

  it('copies arrays there and back, whole and in parts', () => {
    const numbers = fractions(100_003);
    const tensor = gpu.tensor(numbers.length);
    gpu.fill(tensor, Number.NaN).run();
    gpu.upload(tensor, numbers.subarray(0, 50_000));
    gpu.upload(tensor, numbers.subarray(50_000), 50_000);
    const copied = gpu.tensor(numbers.length);
    gpu.copy(copied, tensor).run();
    const [all, part] = [new Float32Array(numbers.length), new Float32Array(7)];
    gpu.download(copied, all);
    gpu.download(copied, part, 99_996);
    expect(all).toEqual(numbers);
    expect(part).toEqual(numbers.subarray(99_996));
  });

  it('runs a PTX, on its own stream and on another', async () => {
    const [input, output] = [gpu.tensor(768), gpu.tensor(768)];
    const numbers = fractions(768);
    gpu.upload(input, numbers);
    const conv = gpu.loadBinary(SCALE_PROBLEM, SCALE_PTX, SCALE_PLAN, 'scale');
    expect(conv.kernel).toMatchObject({ localBytes: 0, sharedBytes: 0, threads: 256 });
    const { run } = conv.prepare({ weight: Float32Array.of(4) }).bind({ input, output });
    const result = new Float32Array(768);
    const stream = gpu.stream();
    for (const go of [() => run(), () => run(stream)]) {
      gpu.fill(output, Number.NaN).run();
      gpu.synchronize();
      go();
      stream.synchronize();
      await gpu.finished();
      gpu.download(output, result);
      expect(result).toEqual(numbers.map((x) => 4 * x));
    }
  });

  it('repeats launches as a graph, each in its turn', () => {
    const [a, b] = [gpu.tensor(768), gpu.tensor(768)];
    gpu.upload(a, new Float32Array(768).fill(1));
    const double = gpu
      .loadBinary(SCALE_PROBLEM, SCALE_PTX, SCALE_PLAN, 'scale')
      .prepare({ weight: Float32Array.of(2) });
    const there = double.bind({ input: a, output: b });
    const back = double.bind({ input: b, output: a });
    const graph = gpu.graph([there, back]);
    expect(graph.time(5)).toBeGreaterThan(0);
    const result = new Float32Array(768);
    gpu.download(a, result);
    expect(result).toEqual(new Float32Array(768).fill(2 ** 10));
    graph.run();
    expect(gpu.time([gpu.copy(b, a)], 3)).toBeGreaterThan(0);
    gpu.download(b, result);
    expect(result).toEqual(new Float32Array(768).fill(2 ** 12));
  });
});
