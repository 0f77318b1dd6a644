import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { problem } from '../../../../generator/problem.js';
import { openCpu } from '../../../../runtime/cpu.js';
import { planBuilder } from '../../../../runtime/plan/builder.js';
import { openCpuPlan } from '../../../../runtime/plan/cpu/open_cpu_plan.js';
import { norm, patches, pool, product, stem } from '../../../../runtime/plan/operations.js';
import type { Plan } from '../../../../runtime/plan/plan.js';
import type { Constant } from '../../../../runtime/plan/step.js';
import { size } from '../../../../runtime/tensor.js';
import { fractions } from '../../../support/numbers.js';
import { runReference } from '../../../support/plan_reference.js';

const cacheFolder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

const [BATCH, HEIGHT, WIDTH, CHANNELS] = [2, 9, 7, 12] as const;
const device = openCpu({ threads: 2 });

function constant(name: string, shape: readonly number[], seed: number): Constant {
  return { kind: 'constant', name, shape, read: async () => Float32Array.from(fractions(size(shape), seed)) };
}

function parameters(weight: readonly number[], seed: number) {
  return { weight: constant('weight', weight, seed), bias: constant('bias', weight.slice(0, 1), seed + 1) };
}

/** What a network does, in few steps: the map after the block and the class scores, in an arena that buffers share. */
function smallPlan(): Plan {
  const plan = planBuilder({ batch: BATCH, height: HEIGHT, width: WIDTH });
  const size = { batch: BATCH, height: HEIGHT, width: WIDTH, channels: CHANNELS };
  const layer = problem({ ...size, layout: 'nhwc', kernel: 5, angles: [0, 45, 90] });
  const wide = stem(plan, 'stem', problem({ ...size, kernel: 3, angles: [0, 90] }), {
    weight: constant('weight', [3 + 3, CHANNELS], 1),
    bias: constant('bias', [2, CHANNELS], 2),
  });
  const first = norm(plan, 'norm', wide, { affine: parameters([CHANNELS], 3), gelu: 'exact' });
  const oriented = plan.convolution('dwconv', first, {
    problem: layer,
    parameters: parameters([CHANNELS, 5], 5),
    resid: true,
  });
  const four = product(plan, 'pwconv1', oriented, parameters([20, CHANNELS], 7), {
    outer: 20,
    normalize: true,
    gelu: 'exact',
  });
  const block = product(plan, 'pwconv2', four, parameters([CHANNELS, 20], 9), {
    outer: CHANNELS,
    residual: first,
  });
  const again = plan.convolution('dwconv_again', block, {
    problem: layer,
    parameters: parameters([CHANNELS, 5], 13),
    resid: false,
  });
  const quarters = patches(plan, 'patches', again, { side: 2, normalize: true });
  const head = product(plan, 'head', pool(plan, 'pool', quarters), parameters([3, 4 * CHANNELS], 11), {
    outer: 3,
  });
  return plan.finish({ block, head });
}

const images = (seed: number) => fractions(BATCH * 3 * HEIGHT * WIDTH, seed);

async function requireExpected(results: ReadonlyMap<string, Float32Array>, plan: Plan, seed: number) {
  const expected = await runReference(plan, images(seed));
  expect([...results.keys()]).toEqual([...expected.keys()]);
  for (const [name, values] of expected) {
    const made = results.get(name)!;
    expect(made.length).toBe(values.length);
    expect(Math.max(...made.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThan(1e-5);
  }
}

describe('a plan on the CPU', () => {
  it('is the network as it is defined, again and again, and in turns', async () => {
    const plan = smallPlan();
    const executable = await openCpuPlan(plan, device, { cacheFolder });
    const given = images(1);
    const both = await Promise.all([executable.run(given), executable.run(images(2))]);
    await requireExpected(both[0], plan, 1);
    await requireExpected(both[1], plan, 2);
    expect(given).toEqual(images(1));
    const first = both[0].get('head')!.slice();
    expect((await executable.run(images(1))).get('head')).toEqual(first);
    expect(both[0].get('head')).toEqual(first); // the caller's own
  });

  it('gives the same on one thread', async () => {
    const plan = smallPlan();
    const made = [device, openCpu({ threads: 1 })].map(async (cpu) =>
      (await openCpuPlan(plan, cpu, { cacheFolder })).run(images(4)),
    );
    const [two, one] = await Promise.all(made);
    expect(one).toEqual(two);
  });

  it('loads each kernel once, and tells of it', async () => {
    const load = vi.fn(device.load);
    const told: string[] = [];
    const onKernel = (done: number, total: number) => told.push(`${done} of ${total}`);
    await openCpuPlan(smallPlan(), { ...device, load }, { cacheFolder, onKernel });
    expect(load).toHaveBeenCalledTimes(1);
    expect(told).toEqual(Array.from({ length: 8 }, (_, i) => `${i + 1} of 8`));
  });

  it('counts its memory: arena and parameters', async () => {
    const plan = smallPlan();
    const parameters = plan.steps.reduce(
      (sum, { weight, bias }) => sum + size(weight?.shape ?? [0]) + size(bias?.shape ?? [0]),
      0,
    );
    const { bytes } = await openCpuPlan(plan, device, { cacheFolder });
    expect(bytes).toBe(4 * (plan.arena.elements + parameters));
  });

  it('times its steps under their names', async () => {
    const plan = smallPlan();
    const executable = await openCpuPlan(plan, device, { cacheFolder });
    await executable.run(images(1));
    const { total, steps } = await executable.profile(4);
    expect(steps.map(({ name }) => name)).toEqual(plan.steps.map(({ name }) => name));
    expect(steps[0]!.kernel).toBe('stem_f32_9x7_s1_k3_a0_90_p3_c12');
    expect(steps[2]!.kernel).toMatch(/^fprop_nhwc_f32_9x7_s1_k5_a0i45x3_c12__cpp_sheared_/);
    for (const { time } of steps) expect(time).toBeGreaterThan(0);
    expect(total).toBeGreaterThan(0);
    await expect(executable.profile(0)).rejects.toThrow(/^0: rounds must be a whole number from 1/);
  });

  it('refuses images of another size, and everything once it is closed', async () => {
    const executable = await openCpuPlan(smallPlan(), device, { cacheFolder });
    await expect(executable.run(new Float32Array(5))).rejects.toThrow(
      /'Float32Array\(5\)': images must be a Float32Array of 378 elements, \[2, 3, 9, 7\]/,
    );
    const running = executable.run(images(1)); // closed before its turn
    executable.close();
    await expect(running).rejects.toMatchObject({ code: 'executable-closed' });
    await expect(executable.profile(1)).rejects.toMatchObject({ code: 'executable-closed' });
  });

  it('refuses a plan whose buffers overlap while both are needed', async () => {
    const plan = smallPlan();
    const offsets = new Map([...plan.arena.offsets.keys()].map((buffer) => [buffer, 0]));
    const spoiled = { ...plan, arena: { ...plan.arena, offsets } };
    await expect(openCpuPlan(spoiled, device, { cacheFolder })).rejects.toMatchObject({ code: 'plan' });
  });

  it('says that it takes a compiler', async () => {
    vi.stubEnv('CXX', '');
    vi.stubEnv('PATH', '/nowhere');
    try {
      await expect(openCpuPlan(smallPlan(), device, { cacheFolder })).rejects.toMatchObject({
        code: 'compiler-missing',
        fault: 'user',
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
