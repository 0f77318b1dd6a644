import { beforeAll, describe, expect, it } from 'vitest';
import { CUDA_GENERAL_KERNELS, cudaGeneralKernel } from '../../generator/families/cuda_general.js';
import type { GeneralOp } from '../../generator/families/general_name.js';
import { LANES } from '../../generator/families/lane_text.js';
import { render } from '../../generator/template.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { type PtxasReport, ptxas } from '../support/ptxas.js';

const ARCHS = ['sm_75', 'sm_80', 'sm_90', 'sm_120'];

/** Loads of both kinds of lanes, by both ways through the caches. */
const LOADS = [1, 2].flatMap((vector) =>
  ['cg', 'nc'].map((path) => ({ name: `load_${path}_${vector}`, path, ...LANES[vector]! })),
);

const CALLS = LOADS.map(
  ({ name, lane }, i) =>
    `  reinterpret_cast<${lane}*>(output)[${4 * i + 4} * t] = ${name}(reinterpret_cast<const ${lane}*>(input) + t);`,
);

/** A kernel that calls every helper of the partials. */
const HELPED = `
${render('cuda/partials/async.hbs', {})}
${render('cuda/partials/async_bulk.hbs', { readsAlone: true, wholeSteps: true, planes: 8 })}
${LOADS.map((load) => render('cuda/partials/line_load.hbs', load)).join('')}
extern "C" __global__ void helped(const float* __restrict__ input, float* __restrict__ output) {
  extern __shared__ float shared[];
  __shared__ unsigned long long barrier;
  const int t = threadIdx.x;
  async_bulk_init(&barrier, 1);
  async_bulk_copy(&barrier, shared, input, 1024);
  async_bulk_wait(&barrier, 0);
  async_copy_4(shared + 256 + t, input + t);
  async_commit();
  async_copy_8(shared + 512 + 2 * t, input + 2 * t);
  async_copy_16(shared + 1024 + 4 * t, input + 4 * t);
  async_commit();
  async_wait<1>();
  async_wait<0>();
  __syncthreads();
  async_bulk_store(output, shared, 512, 2, 1024, 2048);
  async_bulk_store_read();
  async_bulk_store_wait();
${CALLS.join('\n')}
  output[t] = shared[t ^ 1] + shared[256 + (t ^ 1)] + shared[512 + (t ^ 1)] + shared[1024 + (t ^ 1)];
}`;

function general(op: GeneralOp) {
  const name = CUDA_GENERAL_KERNELS[op];
  const kernels = op === 'wgrad' ? [name] : [name, `${name}_pack`];
  return [`the general kernel for ${op}`, cudaGeneralKernel(op), kernels] as const;
}

const nvcc = await findNvcc();

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  const cases = [
    ...(['fprop', 'dgrad', 'wgrad'] as const).map(general),
    ['the helpers', HELPED, ['helped']] as const,
  ];
  let all: readonly PtxasReport[];
  beforeAll(async () => {
    // As one text: to start takes half a second an architecture.
    const spaced = cases.map(([, text], i) => `namespace case_${i} {\n${text}\n}`);
    all = await ptxas(nvcc!, spaced.join('\n'), ARCHS);
  });

  it.each(cases)('compiles %s without spills or local memory', (_, _text, kernels) => {
    const reports = all.filter(({ kernel }) => (kernels as readonly string[]).includes(kernel));
    const compiled = reports.map(({ kernel, arch }) => `${kernel} ${arch}`);
    expect(compiled.sort()).toEqual(
      ARCHS.flatMap((arch) => kernels.map((kernel) => `${kernel} ${arch}`)).sort(),
    );
    expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
  });

  it('sees local memory', async () => {
    const text = `extern "C" __global__ void indexed(const int* __restrict__ at, float* x) {
      float sums[64] = {};
      for (int k = 0; k < 1000; ++k) sums[at[k] % 64] += x[k];
      for (int k = 0; k < 64; ++k) x[k] = sums[k];
    }`;
    expect((await ptxas(nvcc!, text, ['sm_90']))[0]!.stackBytes).toBeGreaterThan(0);
  });
});
