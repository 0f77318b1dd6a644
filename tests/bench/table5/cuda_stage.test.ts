import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type Cell, cellProblem } from '../../../bench/table5/cell.js';
import { cudaTableStage } from '../../../bench/table5/cuda_stage.js';
import { MEASURES } from '../../../bench/table5/measure.js';
import type { LayerKernels } from '../../../bench/table5/stage.js';
import type { Op } from '../../../generator/problem.js';
import { openCuda } from '../../../runtime/cuda/device.js';
import { fakeCudaLog, leftAllocated, loadFakeCuda } from '../../support/fake_cuda.js';
import { SCALE_PLAN, SCALE_PTX } from '../../support/scale_kernel.js';

beforeAll(loadFakeCuda);
afterEach(() => vi.unstubAllEnvs());

/** The only kind of layer that the fake GPU computes. */
const CELL: Cell = {
  ...{ kind: 'cell', layout: 'nhwc', dtype: 'f32', size: 16, kernel: 1, batch: 3, channels: 1 },
};
const HELPERS = { mean: SCALE_PTX, inspection: SCALE_PTX };
const partial = { fixedFloats: 1, floatsPerGroup: 2 };

function kernels(names: Readonly<Record<'fprop' | 'wgrad' | 'backward', string>>): LayerKernels {
  const contestant = (op: Op & keyof typeof names) => ({
    problem: cellProblem(CELL, op, [0]),
    kernel: names[op],
    path: SCALE_PTX,
    launch: op === 'fprop' ? SCALE_PLAN : { ...SCALE_PLAN, partial, packedFloats: op === 'backward' ? 2 : 0 },
  });
  return { fprop: contestant('fprop'), wgrad: contestant('wgrad'), backward: contestant('backward') };
}

const RIGHT = { fprop: 'scale', wgrad: 'gradient', backward: 'back_gradient' };

it('a step packs, goes forward, takes the mean, writes its gradient and goes backward; all memory is given back', async () => {
  const device = openCuda();
  const log = fakeCudaLog();
  const stage = cudaTableStage(device, CELL, HELPERS);
  const acts = stage.load(kernels(RIGHT));
  const before = log();
  const launched = (lines: readonly string[]) =>
    lines.flatMap((line) => /^launch (\w+)/.exec(line)?.[1] ?? (line.startsWith('fill') ? ['fill'] : []));
  const once = (lines: readonly string[], length: number) => launched(lines).slice(0, length);
  await acts.step();
  const step = ['scale_pack', 'scale', 'mean', 'mean_end', 'fill'];
  expect(once(log(), 6)).toEqual([...step, 'gradient']);
  await acts.full();
  expect(once(log(), 7)).toEqual([...step, 'back_gradient_pack', 'back_gradient']);
  for (const measure of MEASURES) expect(await acts[measure]()).toBeGreaterThan(0);
  for (const op of ['fprop', 'dgrad', 'wgrad', 'backward'] as const)
    expect(await acts[op](), op).toBeCloseTo(1, 1);
  for (const floor of ['pass', 'backward'] as const) expect(await stage.copy(floor)()).toBeCloseTo(1, 1);
  stage.close();
  expect(leftAllocated([...before, ...log()])).toEqual([]);
});

it.each([
  ['fprop', 'wrong'],
  ['fprop', 'hole'],
  ['wgrad', 'wrong_gradient'],
  ['backward', 'hole_gradient'],
])('what is not timed: a %s that is %s', (op, name) => {
  const stage = cudaTableStage(openCuda(), CELL, HELPERS);
  expect(() => stage.load(kernels({ ...RIGHT, [op]: name }))).toThrow(
    expect.objectContaining({ code: 'kernel-wrong', value: name }),
  );
  stage.close();
});
