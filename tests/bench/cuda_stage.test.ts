import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { cudaStage } from '../../bench/cuda_stage.js';
import { OPS, problem } from '../../generator/problem.js';
import { openCuda } from '../../runtime/cuda/device.js';
import { fakeCudaLog, leftAllocated, loadFakeCuda } from '../support/fake_cuda.js';
import { SCALE_PLAN, SCALE_PROBLEM, SCALE_PTX } from '../support/scale_kernel.js';

beforeAll(loadFakeCuda);
afterEach(() => vi.unstubAllEnvs());

const partial = { fixedFloats: 1, floatsPerGroup: 2 };

it.each(OPS)('times a kernel of %s and the copy by events, and gives all memory back', async (op) => {
  const shape = problem({ ...SCALE_PROBLEM, op });
  const isGradient = op === 'wgrad' || op === 'backward';
  const contestant = {
    problem: shape,
    kernel: isGradient ? 'gradient' : 'scale',
    path: SCALE_PTX,
    launch: isGradient ? { ...SCALE_PLAN, partial } : SCALE_PLAN,
  };
  const device = openCuda();
  const log = fakeCudaLog();
  const stage = cudaStage(device, shape, 'cold');
  const { sample, resources } = stage.load(contestant);
  expect([await sample(), await stage.copy()()]).toEqual([expect.closeTo(1, 1), expect.closeTo(1, 1)]);
  expect(resources).toMatchObject({ threads: 256 });
  stage.close();
  expect(leftAllocated(log())).toEqual([]);
});
