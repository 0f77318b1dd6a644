import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { problemName } from '../../../generator/name.js';
import { floorBytes, problem } from '../../../generator/problem.js';
import { setCount } from '../../../tuner/trial/cuda_workload.js';
import { Laboratory } from '../../../tuner/trial/laboratory.js';
import type { Setup } from '../../../tuner/trial/protocol.js';
import { lendFakeCuda, letFail } from '../../support/fake_cuda.js';
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

  it('takes what the device refuses for a failed trial', async () => {
    const path = '/no/such/file';
    expect(await laboratory.trial({ ...subject('scale'), path }, QUICK)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('the kernel cannot be read'),
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

describe('setCount', () => {
  const layer = (batch: number) =>
    problem({ height: 14, width: 14, kernel: 7, angles: [0], channels: 64, batch });

  it('exceeds the L2 twice over where memory and 16 sets allow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 0, max: 100 }), (batch, l2) => {
        const [bytes, l2Bytes] = [floorBytes(layer(batch)), l2 << 20];
        const sets = setCount(layer(batch), l2Bytes, 2 ** 40);
        expect(sets).toBeGreaterThanOrEqual(2);
        expect(sets).toBeLessThanOrEqual(16);
        expect(sets === 16 || sets * bytes >= 2 * l2Bytes).toBe(true);
        expect(sets === 2 || (sets - 1) * bytes < 2 * l2Bytes).toBe(true);
      }),
    );
  });

  it('fits into the memory that is free', () => {
    const bytes = floorBytes(layer(1));
    expect(setCount(layer(1), 50 << 20, 10 * bytes)).toBe(8);
    expect(setCount(layer(1), 50 << 20, bytes)).toBe(1);
  });
});
