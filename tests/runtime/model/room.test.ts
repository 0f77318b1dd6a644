import { constants } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifierPlan } from '../../../runtime/convnext/plan.js';
import type { CpuDevice } from '../../../runtime/cpu.js';
import type { CudaDevice } from '../../../runtime/cuda/device.js';
import { ModelError } from '../../../runtime/model/errors.js';
import { requireRoom } from '../../../runtime/model/room.js';
import { planBytes, requireMemory, WORKSPACE_BYTES } from '../../../runtime/plan/cuda/memory.js';
import { FUSIONS, smallWeights } from '../../support/small_networks.js';

const CPU = { kind: 'cpu' } as CpuDevice;
const weights = await smallWeights('1dpp');

function planOf(batch: number, height: number, width: number) {
  return classifierPlan(weights.config, weights, { batch, height, width, fusion: FUSIONS[0]! });
}

/** A GPU that has so many bytes, of which so many are free. */
function gpu(totalBytes: number, freeBytes = totalBytes): CudaDevice {
  const memory = () => ({ totalBytes, freeBytes });
  return { kind: 'cuda', name: 'a GPU', memory } as unknown as CudaDevice;
}

/** What is said of images; undefined if they are taken. */
function refusal(plan: ReturnType<typeof planOf>, device: CpuDevice | CudaDevice): ModelError | undefined {
  try {
    requireRoom(plan, device);
    return undefined;
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}

test('what does not fit is refused with a batch or a size that does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 64, max: 3000 }),
      fc.integer({ min: 64, max: 3000 }),
      fc.integer({ min: 2 ** 26, max: 2 ** 34 }),
      fc.integer({ min: 90, max: 100 }),
      (batch, height, width, bytes, share) => {
        const plan = planOf(batch, height, width);
        const free = Math.floor((bytes * share) / 100);
        const device = gpu(bytes, free);
        const error = refusal(plan, device);
        expect(error !== undefined).toBe(4 * plan.arena.elements > bytes);
        if (!error) return;
        expect(error).toMatchObject({ code: 'images-room', fault: 'user', value: `${height}x${width}` });
        expect(error.rule).toMatch(/ of this size takes? [\d.]+ GiB, and a GPU has [\d.]+ GiB$/);
        const fitting = Number(/^use a batch of at most (\d+)$/.exec(error.remedy)?.[1] ?? 0);
        const side = Number(/^use smaller images, such as (\d+)x\d+$/.exec(error.remedy)?.[1] ?? 0);
        expect(fitting > 0).toBe(side === 0);
        const way = fitting > 0 ? planOf(fitting, height, width) : planOf(batch, side, side);
        expect(() => requireMemory(way, planBytes(way, WORKSPACE_BYTES), device)).not.toThrow();
      },
    ),
    { numRuns: 60 },
  );
});

test('an image of more numbers than kernels count to is refused, whatever the memory', () => {
  const error = refusal(planOf(1, 100_000, 80_000), gpu(2 ** 50))!;
  expect(error.message).toMatch(
    /^'100000x80000': a step of the network makes \d+ numbers of an image of this size, and kernels count to 2147483647; /,
  );
  const side = Number(/such as (\d+)x/.exec(error.remedy)![1]);
  expect(refusal(planOf(1, side, side), gpu(2 ** 50))).toBeUndefined();
  expect(refusal(planOf(64, side, side), gpu(2 ** 50))).toBeUndefined();
});

test.each([
  [1, gpu(2 ** 33)],
  [64, gpu(2 ** 33)],
  [3, CPU],
])('the size that %d of them are told fits the memory, too', (batch, device) => {
  const error = refusal(planOf(batch, 100_000, 100_000), device)!;
  expect(error.code).toBe('images-large');
  const side = Number(/^use smaller images, such as (\d+)x/.exec(error.remedy)![1]);
  expect(refusal(planOf(batch, side, side), device)).toBeUndefined();
});

test('where no size would do, it is said what is left', () => {
  const plan = planOf(2, 9000, 9000);
  expect(refusal(plan, gpu(2 ** 30, 0))?.remedy).toBe(
    'use fewer and smaller images: 0.0 GiB are left for them',
  );
});

test('on a CPU all of it is one array', () => {
  expect(refusal(planOf(1, 224, 224), CPU)).toBeUndefined();
  const side = 20_000;
  expect(4 * planOf(1, side, side).arena.elements).toBeGreaterThan(constants.MAX_LENGTH);
  expect(refusal(planOf(1, side, side), CPU)?.rule).toMatch(
    /, and (this machine|an array of this Node) has /,
  );
});
