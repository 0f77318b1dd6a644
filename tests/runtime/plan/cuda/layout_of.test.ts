import { expect, it } from 'vitest';
import generated from '../../../../generated/index.js';
import { layerName } from '../../../../generator/name.js';
import { PAPER_ANGLES, type Problem, problem } from '../../../../generator/problem.js';
import type { CudaDevice } from '../../../../runtime/cuda/device.js';
import type { KernelLibrary } from '../../../../runtime/library.js';
import { cudaFusion } from '../../../../runtime/plan/cuda/open_cuda_plan.js';

const NARROW = problem({ height: 56, width: 56, kernel: 31, angles: PAPER_ANGLES, channels: 96 });
const H100 = {
  target: { kind: 'cuda', arch: 'sm_90' },
  sharedBytes: 232_448,
  blas: async () => ({}) as NonNullable<Awaited<ReturnType<CudaDevice['blas']>>>,
} as const;

async function layoutOf(
  asked: Problem,
  options: Parameters<typeof cudaFusion>[1] = { products: 'tf32', library: generated },
  change: Partial<Pick<CudaDevice, 'blas' | 'target'>> = {},
) {
  return (await cudaFusion({ ...H100, ...change }, options)).layoutOf(asked);
}

it('is planes where those were measured to be faster, with the product that writes them', async () => {
  expect(await layoutOf(NARROW)).toBe('nchw');
  expect(await layoutOf(problem({ ...NARROW, channels: 128 }))).toBe('nchw');
  const small = { ...NARROW, height: 14, width: 14, channels: 512 };
  expect(await layoutOf(problem(small)), 'tuned in both layouts').toBe('nhwc');
  expect(await layoutOf(problem({ ...NARROW, filter: 'square', kernel: 7, angles: [] }))).toBe('nhwc');
});

it('is rows where products of ours do not keep up', async () => {
  expect(await layoutOf(NARROW, { products: 'fp32', library: generated })).toBe('nhwc');
  expect(await layoutOf(NARROW, undefined, { blas: async () => undefined })).toBe('nhwc');
});

it('is rows if planes are faster by less than the product costs more', async () => {
  const both = (['nchw', 'nhwc'] as const).map((layout) => problem({ ...NARROW, layout }));
  const [planes, rows] = both.map(
    (asked) => Object.values(generated.kernels).find(({ layer }) => layer === layerName(asked))!,
  );
  const taking = (copies: number) => {
    const provenance = { ...rows!.provenance, median: copies * rows!.provenance.copy };
    const kernels = { [planes!.name]: planes!, [rows!.name]: { ...rows!, provenance } };
    return { ...generated, kernels } as KernelLibrary;
  };
  const copies = planes!.provenance.median / planes!.provenance.copy;
  expect(await layoutOf(NARROW, { products: 'tf32', library: taking(copies + 0.09) })).toBe('nhwc');
  expect(await layoutOf(NARROW, { products: 'tf32', library: taking(copies + 0.11) })).toBe('nchw');
});

it('is rows where no kernel of planes was tuned for the layer, on such a GPU', async () => {
  expect(await layoutOf(problem({ ...NARROW, height: 57 }))).toBe('nhwc');
  expect(await layoutOf(NARROW, undefined, { target: { kind: 'cuda', arch: 'sm_80' } })).toBe('nhwc');
  expect(await layoutOf(NARROW, { products: 'tf32' })).toBe('nhwc');
});
