import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { problemName } from '../../generator/name.js';
import { inputElements, problem } from '../../generator/problem.js';
import { compileCuda, findCudaCompiler } from '../../runtime/cuda/compiler.js';
import { cudaRig } from '../../tuner/rig/cuda_rig.js';
import { openStore } from '../../tuner/store/store.js';
import { Laboratory } from '../../tuner/trial/laboratory.js';
import { tune } from '../../tuner/tune.js';
import { onGpu } from '../support/gpu.js';
import { SCALE_PLAN, SCALE_PROBLEM, SCALE_PTX } from '../support/scale_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const QUICK = { precision: 0.5, minSamples: 2, maxSamples: 3, budget: 20_000 };

/** `scale` with something wrong. */
const FAULTS: Readonly<Record<string, string>> = {
  wrong: 'y[i] = packed[0] * x[i] + packed[1] + (blockIdx.x == 2 && threadIdx.x == 7 ? 1e-6f : 0);',
  unsteady: 'y[i] = packed[0] * x[i] + packed[1] + (atomicAdd(&stores, 1) < 768 ? 0 : 1e-6f);',
  hole: 'if (i != 700) y[i] = packed[0] * x[i] + packed[1];',
  crash: 'y[i + (1LL << 40)] = packed[0] * x[i] + packed[1];',
  hang: 'for (volatile int on = 1; on;) y[i] = packed[0] * x[i];',
};

function faultyText(fault: string): string {
  return `
__device__ unsigned stores;
extern "C" __global__ void scale(const float* x, const float* packed, float* y, int batch) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  ${FAULTS[fault]}
}
extern "C" __global__ void scale_pack(const float* w, const float* b, float centre, float* packed) {
  if (threadIdx.x == 0) packed[0] = w[0] + centre;
  if (threadIdx.x == 1) packed[1] = b ? b[0] : 0;
}`;
}

onGpu("the tuner's trials", (gpu) => {
  const sound = { kernel: 'scale', path: SCALE_PTX, launch: SCALE_PLAN };
  let laboratory: Laboratory;

  beforeEach(async () => {
    const rig = await cudaRig(gpu, (await findCudaCompiler())!);
    laboratory = new Laboratory(rig.setup(SCALE_PROBLEM, 1), undefined, 6000);
  });
  afterEach(() => laboratory.close());

  async function faulty(fault: string) {
    const compilation = { name: 'scale', text: faultyText(fault), arch: gpu.target.arch };
    const path = await compileCuda((await findCudaCompiler())!, {
      ...compilation,
      folder: temporaryFolder(),
    });
    return { ...sound, path };
  }

  it('verify and time a sound kernel, and time it against the copy', async () => {
    const outcome = await laboratory.trial(sound, QUICK);
    expect(outcome).toMatchObject({ kind: 'ok', measurement: { stop: expect.any(String) } });
    const final = await laboratory.final([sound, sound], QUICK);
    if (final.kind !== 'final') throw new Error(final.reason);
    for (const { median, repetitions } of [...final.measurements, final.copy])
      expect(median * repetitions).toBeGreaterThan(500);
  });

  it.each([
    ['wrong', 'wrong', /^image 2 is not the same as image 0/],
    ['unsteady', 'wrong', /^a second run of the same input gave other bits, first in image 0$/],
    ['hole', 'wrong', /^element 700 was not written/],
    ['crash', 'crashed', /^'scale': cu\w+ failed: CUDA_ERROR_ILLEGAL_ADDRESS/],
    ['hang', 'hung', /^no answer within 6 s$/],
  ])('tell a kernel that is %s from others, and go on', async (fault, kind, reason) => {
    expect(await laboratory.trial(await faulty(fault), QUICK)).toMatchObject({
      kind,
      reason: expect.stringMatching(reason),
    });
    expect(await laboratory.trial(sound, QUICK)).toMatchObject({ kind: 'ok' });
    const failed = kind === 'wrong' ? 'final' : kind; // a final verifies nothing again
    expect(await laboratory.final([sound, await faulty(fault)], QUICK)).toMatchObject({ kind: failed });
    expect(await laboratory.final([sound], QUICK)).toMatchObject({ kind: 'final' });
  });
});

/** backward of `scale` by one thread, with something wrong; `partial[1]` is a float of the launch's own. */
const GRADIENT_FAULTS: Readonly<Record<string, string>> = {
  sound: '',
  sum: 'dw[0] *= 1.001f;',
  hole: 'db[0] = nanf("");',
  image: 'dx[700] += 1e-6f;',
  stale: 'if (partial[1] == 7) dw[0] += 1e-4f; partial[1] = 7;',
};

function faultyGradient(fault: string): string {
  return `
extern "C" __global__ void gradient(const float* x, const float* dy, const float* packed, float* dx, float* dw,
                                    float* db, float* partial, int batch) {
  if (blockIdx.x > 0) return;
  double product = 0, sum = 0;
  for (int i = 0; i < batch * ${inputElements(SCALE_PROBLEM) / SCALE_PROBLEM.batch}; ++i) {
    product += double(x[i]) * dy[i];
    sum += dy[i];
    dx[i] = packed[0] * dy[i];
  }
  dw[0] = product;
  db[0] = sum;
  ${GRADIENT_FAULTS[fault]}
}
extern "C" __global__ void gradient_pack(const float* w, const float* b, float centre, float* packed) {
  if (threadIdx.x < 2) packed[threadIdx.x] = threadIdx.x ? 0 : w[0] + centre;
}`;
}

onGpu("the tuner's trials of gradients", (gpu) => {
  const layer = problem({ ...SCALE_PROBLEM, op: 'backward' });
  const launch = { ...SCALE_PLAN, threads: 1, partial: { fixedFloats: 1, floatsPerGroup: 2 } };
  let laboratory: Laboratory;

  beforeEach(async () => {
    const rig = await cudaRig(gpu, (await findCudaCompiler())!);
    laboratory = new Laboratory(rig.setup(layer, 1), undefined, 6000);
  });
  afterEach(() => laboratory.close());

  async function subject(fault: string) {
    const compilation = { name: 'gradient', text: faultyGradient(fault), arch: gpu.target.arch };
    const path = await compileCuda((await findCudaCompiler())!, {
      ...compilation,
      folder: temporaryFolder(),
    });
    return { kernel: 'gradient', path, launch };
  }

  it('verify and time a sound kernel, and time it against the copy', async () => {
    const sound = await subject('sound');
    expect(await laboratory.trial(sound, QUICK)).toMatchObject({ kind: 'ok' });
    expect(await laboratory.final([sound, sound], QUICK)).toMatchObject({
      kind: 'final',
      copy: { median: expect.any(Number) },
    });
  });

  it.each([
    ['sum', /^dw: relative error/],
    ['hole', /^db: element 0 was not written, or is not finite$/],
    ['image', /^dx: image 2 is not the same as image 0, and their inputs are equal$/],
    ['stale', /^dw: a second run of the same input gave other bits$/],
  ])('tell a kernel with fault %s from others, and go on', async (fault, reason) => {
    expect(await laboratory.trial(await subject(fault), QUICK)).toMatchObject({
      kind: 'wrong',
      reason: expect.stringMatching(reason),
    });
    expect(await laboratory.trial(await subject('sound'), QUICK)).toMatchObject({ kind: 'ok' });
  });
});

onGpu('the tuner', (gpu) => {
  const spec = { height: 28, width: 28, kernel: 7, angles: [0, 45], channels: 64, batch: 3 };
  const layers = (['nhwc', 'nchw'] as const).flatMap((layout) => [
    problem({ ...spec, layout }),
    problem({ ...spec, layout, op: 'dgrad', stride: 2 }),
    problem({ ...spec, layout, op: 'wgrad', stride: 2 }),
    problem({ ...spec, layout, op: 'backward' }),
  ]);

  it.each(layers)('tunes $op $layout $height x $width with all families that it has', async (layer) => {
    const store = openStore(join(temporaryFolder(), 'trials.db'));
    const [result] = await tune([layer], {
      ...{ store, rigs: [await cudaRig(gpu, (await findCudaCompiler())!)], search: 'exhaustive', seed: 1 },
      ...{ seconds: 2, more: false, signal: new AbortController().signal, on: () => {} },
    });
    const trials = store.trials({ problem: problemName(layer) });
    expect(trials.length).toBeGreaterThan(2);
    expect(trials.map(({ kernel, outcome }) => [kernel, outcome.kind])).toEqual(
      trials.map(({ kernel }) => [kernel, 'ok']),
    );
    expect(trials[0]).toMatchObject({ machine: gpu.name, target: `cuda:${gpu.target.arch}` });
    expect(result!.winner).toMatchObject({ final: true });
    expect(result!.winner!.measurement.median).toBeLessThanOrEqual(result!.winner!.default!.median);
    expect(result!.winner!.copy!.median).toBeGreaterThan(0);
    store.close();
  });
});

describe('a rig for GPUs', () => {
  it('builds the kernel that inspects outputs with a real compiler, if there is one', async ({ skip }) => {
    const compiler = await findCudaCompiler();
    if (!compiler) return skip('neither NVRTC nor nvcc is found');
    const facts = {
      target: { kind: 'cuda', arch: 'sm_80' },
      index: 0,
      name: 'a GPU',
      driver: '13.0',
    } as const;
    const rig = await cudaRig(facts, compiler);
    expect(rig.setup(SCALE_PROBLEM, 1).place).toMatchObject({
      kind: 'cuda',
      inspection: expect.stringMatching(/inspection-\w+\.cubin$/),
    });
  });
});
