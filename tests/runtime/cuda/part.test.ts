import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LaunchPlan } from '../../../generator/launch.js';
import { problem } from '../../../generator/problem.js';
import { openCuda } from '../../../runtime/cuda/device.js';
import { fakeCudaLog, leftAllocated, loadFakeCuda } from '../../support/fake_cuda.js';
import { wholeNumbers } from '../../support/numbers.js';

// Tensors that are parts of others, on a driver that is none.

const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
const image = join(folder, 'kernel.ptx');

beforeAll(async () => {
  await loadFakeCuda();
  writeFileSync(image, '// any text');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is a piece of a tensor: what is written to one is read from the other', async () => {
  const gpu = openCuda();
  const tensor = gpu.tensor(16);
  const numbers = wholeNumbers(16);
  gpu.upload(tensor, numbers);
  const inner = gpu.part(gpu.part(tensor, 2, 12), 3, 5);
  expect(inner).toMatchObject({ length: 5, at: 5, whole: tensor });
  const [five, all] = [new Float32Array(5), new Float32Array(16)];
  gpu.download(inner, five);
  expect(five).toEqual(numbers.subarray(5, 10));
  gpu.fill(inner, 7).run();
  gpu.upload(inner, Float32Array.of(1, 2), 3);
  await gpu.downloadAsync(tensor, all);
  expect([...all]).toEqual([...numbers.subarray(0, 5), 7, 7, 7, 1, 2, ...numbers.subarray(10)]);
});

it('is no more than the tensor has', () => {
  const gpu = openCuda();
  const tensor = gpu.tensor(16);
  for (const [at, length] of [
    [10, 7],
    [-1, 2],
    [0.5, 1],
    [17, 0],
  ] as const)
    expect(() => gpu.part(tensor, at, length)).toThrow(/the tensor has 16 elements/);
  expect(() => gpu.upload(gpu.part(tensor, 10, 4), new Float32Array(5))).toThrow(/the tensor has 4 elements/);
});

it('keeps no memory, and is gone with the tensor', () => {
  const log = fakeCudaLog();
  const gpu = openCuda();
  const tensor = gpu.tensor(16);
  const part = gpu.part(tensor, 4, 4);
  const fill = gpu.fill(part, 1);
  part.free();
  fill.run();
  tensor.free();
  expect(leftAllocated(log())).toEqual([]);
  expect(() => fill.run()).toThrow(/was freed/);
  expect(() => gpu.download(part, new Float32Array(4))).toThrow(/was freed/);
});

it('must not lie over another that a kernel writes', () => {
  const plan: LaunchPlan = {
    kind: 'launch-plan',
    ...{ threads: 32, blocks: 1, images: 1, sharedBytes: 0, packedFloats: 2 },
  };
  const gpu = openCuda();
  const conv = gpu.loadBinary(problem({ height: 4, width: 8, kernel: 1, angles: [0] }), image, plan, 'scale');
  const prepared = conv.prepare({ weight: Float32Array.of(2) });
  const tensor = gpu.tensor(96);
  const at = (offset: number) => gpu.part(tensor, offset, 32);
  expect(() => prepared.bind({ input: at(0), output: at(31) })).toThrow(
    /'elements 31 to 32 of one tensor': input and output must not share memory/,
  );
  prepared.bind({ input: at(0), output: at(32) });
  prepared.bind({ input: at(64), output: gpu.tensor(32) });
});
