import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { problemName } from '../../../generator/name.js';
import { problem as problemOf } from '../../../generator/problem.js';
import { Laboratory } from '../../../tuner/trial/laboratory.js';
import type { Setup } from '../../../tuner/trial/protocol.js';
import { fakeCudaLog, leftAllocated, lendFakeCuda, letFail } from '../../support/fake_cuda.js';
import { lendFakeNvml, letClocksBe } from '../../support/fake_nvml.js';
import { SCALE_PLAN, SCALE_PROBLEM, SCALE_PTX } from '../../support/scale_kernel.js';

const QUICK = { precision: 0.5, minSamples: 2, maxSamples: 3, budget: 20_000 };
const SETUP: Setup = {
  kind: 'setup',
  problem: problemName(SCALE_PROBLEM),
  place: { kind: 'cuda', device: 0, inspection: SCALE_PTX },
  seed: 1,
};
const subject = (kernel: string) => ({ kernel, path: SCALE_PTX, launch: SCALE_PLAN });

const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

describe("a laboratory's trials on a GPU", () => {
  let laboratory: Laboratory;
  beforeEach(async () => {
    await lendFakeCuda(folder);
    laboratory = new Laboratory(SETUP, undefined, 3000);
  });
  afterEach(() => laboratory.close());

  it('verifies a sound kernel, times it by its events, and times it against the copy', async () => {
    const outcome = await laboratory.trial(subject('scale'), QUICK);
    expect(outcome).toMatchObject({ kind: 'ok', measurement: { median: expect.closeTo(1, 1) } });
    expect(outcome.kind === 'ok' && outcome.measurement.repetitions).toBeGreaterThan(900);
    expect(outcome.kind === 'ok' && outcome.relativeError).toBeLessThan(1e-6);
    const final = await laboratory.final([subject('scale'), subject('scale')], QUICK);
    expect(final).toMatchObject({ kind: 'final', copy: { median: expect.closeTo(1, 1) } });
    expect(final.kind === 'final' && final.measurements).toHaveLength(2);
  });

  it.each([
    ['wrong', 'wrong', /^image 2 is not the same as image 0, and their inputs are equal$/],
    ['hole', 'wrong', /^element 0 was not written, or is not finite$/],
    [
      'crash',
      'crashed',
      /^'crash': cu\w+ failed: CUDA_ERROR_ILLEGAL_ADDRESS, a text; start the process anew/,
    ],
    ['hang', 'hung', /^no answer within 3 s$/],
  ])('tells a %s from others, and goes on', async (kernel, kind, reason) => {
    expect(await laboratory.trial(subject(kernel), QUICK)).toMatchObject({
      kind,
      reason: expect.stringMatching(reason),
    });
    expect(await laboratory.trial(subject('scale'), QUICK)).toMatchObject({ kind: 'ok' });
  });

  it('gives back what a crash did to a final, and goes on', async () => {
    const failed = await laboratory.final([subject('scale'), subject('crash')], QUICK);
    expect(failed).toMatchObject({ kind: 'crashed', reason: expect.stringContaining('ILLEGAL_ADDRESS') });
    expect(await laboratory.final([subject('scale')], QUICK)).toMatchObject({ kind: 'final' });
  });

  it.each([false, true])("tells a final's clocks, with NVML of before CUDA 12.2: %s", async (old) => {
    const own = mkdtempSync(join(folder, 'gpu-'));
    await lendFakeCuda(own);
    await lendFakeNvml(own, old);
    letClocksBe(1755, 2619, 63, 0x4);
    expect(await laboratory.final([subject('scale')], QUICK)).toMatchObject({
      clocks: { smMHz: { low: 1755, high: 1755 }, temperature: { low: 63 }, throttled: ['power-cap'] },
    });
  });

  it('takes what the device refuses for a failed trial', async () => {
    const path = '/no/such/file';
    expect(await laboratory.trial({ ...subject('scale'), path }, QUICK)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('the kernel cannot be read: no such file or directory; '),
    });
  });

  it('blames no kernel for a device that is full, and says what helps', async () => {
    letFail('cuMemAlloc_v2', 2);
    await expect(laboratory.trial(subject('scale'), QUICK)).rejects.toMatchObject({
      code: 'worker',
      rule: expect.stringContaining('CUDA_ERROR_OUT_OF_MEMORY'),
      remedy: expect.stringContaining('a smaller --batch'),
    });
  });
});

describe("a laboratory's trials of gradients on a GPU", () => {
  const plan = { ...SCALE_PLAN, partial: { fixedFloats: 1, floatsPerGroup: 2 } };
  const gradient = (kernel: string) => ({ kernel, path: SCALE_PTX, launch: plan });
  let laboratory: Laboratory | undefined;
  const open = (op: 'wgrad' | 'backward') => {
    const problem = problemName(problemOf({ ...SCALE_PROBLEM, op }));
    laboratory = new Laboratory({ ...SETUP, problem }, undefined, 3000);
    return laboratory;
  };
  beforeEach(() => lendFakeCuda(folder));
  afterEach(() => laboratory?.close());

  it.each(['wgrad', 'backward'] as const)('verify %s, time it, and time it against the copy', async (op) => {
    const outcome = await open(op).trial(gradient('gradient'), QUICK);
    expect(outcome).toMatchObject({ kind: 'ok', measurement: { median: expect.closeTo(1, 1) } });
    expect(outcome.kind === 'ok' && outcome.relativeError).toBeLessThan(1e-5);
    for (let i = 0; i < 2; i++) {
      const final = await laboratory!.final([gradient('gradient'), gradient('gradient')], QUICK);
      expect(final).toMatchObject({ kind: 'final', copy: { median: expect.closeTo(1, 1) } });
    }
  });

  it.each([
    ['wrong_gradient', /^dw: relative error /],
    ['hole_gradient', /^db: element 0 was not written, or is not finite$/],
    ['stale_gradient', /^dw: a second run of the same input gave other bits$/],
  ])('tell %s from others, and go on', async (kernel, reason) => {
    const outcome = await open('backward').trial(gradient(kernel), QUICK);
    expect(outcome).toMatchObject({ kind: 'wrong', reason: expect.stringMatching(reason) });
    expect(await laboratory!.trial(gradient('gradient'), QUICK)).toMatchObject({ kind: 'ok' });
  });

  it('give back what they took: weights and partial sums of kernels, and keep copies for the next final', async () => {
    const log = fakeCudaLog();
    await open('backward').trial(gradient('gradient'), QUICK);
    const atFirst = leftAllocated(log()).length;
    await laboratory!.trial(gradient('gradient'), QUICK);
    await laboratory!.trial(gradient('wrong_gradient'), QUICK);
    expect(leftAllocated(log())).toEqual([]);
    await laboratory!.final([gradient('gradient')], QUICK);
    const copies = leftAllocated(log()).length;
    await laboratory!.final([gradient('gradient')], QUICK);
    expect(leftAllocated(log())).toEqual([]);
    expect([atFirst, copies].every((count) => count > 0)).toBe(true);
  });
});
