import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../../generator/claimant.js';
import { layerName, problemName } from '../../../generator/name.js';
import { outputElements, problem } from '../../../generator/problem.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import { cpuTarget } from '../../../generator/target.js';
import { compile, compilerFlags, findCompiler } from '../../../runtime/compiler.js';
import { Laboratory } from '../../../tuner/trial/laboratory.js';
import type { Setup } from '../../../tuner/trial/protocol.js';
import { brokenGradients, type GradientFault } from '../../support/broken_gradient.js';
import { brokenKernel, type Fault, spoiledKernel } from '../../support/broken_kernel.js';
import { naiveGradientBinary } from '../../support/naive_gradient.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

// What tests have in common is compiled once.
const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const QUICK = { precision: 0.5, minSamples: 2, maxSamples: 3, budget: 20_000 };
const layer = problem({ height: 6, width: 6, kernel: 3, angles: [0, 90], channels: 8, batch: 5 });

const SETUP: Setup = {
  kind: 'setup',
  problem: problemName(layer),
  place: { kind: 'cpu', isa: 'plain', threads: 2 },
  seed: 1,
};

describe('Laboratory', () => {
  let laboratory: Laboratory;

  function open(grace?: number): Laboratory {
    laboratory = new Laboratory(SETUP, undefined, grace);
    return laboratory;
  }
  afterEach(() => laboratory.close());

  async function sound() {
    const compiler = (await findCompiler())!;
    const { text, name } = source(space(layer, cpuTarget('plain')).candidates[0]!);
    const path = await compile(compiler, { name, text, flags: compilerFlags(compiler, 'plain'), folder });
    return { kernel: name, path };
  }

  it('verifies and times a sound kernel, and times it against the copy', async () => {
    const subject = await sound();
    const outcome = await open().trial(subject, QUICK);
    expect(outcome).toMatchObject({ kind: 'ok', measurement: { samples: expect.any(Array) } });
    expect(outcome.kind === 'ok' && outcome.relativeError).toBeLessThan(1e-6);
    const final = await laboratory.final([subject, subject], QUICK);
    if (final.kind !== 'final') throw new Error(final.reason);
    expect(final.measurements).toHaveLength(2);
    expect([...final.measurements, final.copy].every(({ median }) => median > 0)).toBe(true);
  });

  it.each<[Fault, string, RegExp]>([
    ['wrong', 'wrong', /relative error 1\.0e\+0 is larger/],
    ['hole', 'wrong', /element \d+ was not written/],
    ['crash', 'crashed', /^ended by SIGSEGV: its last words$/],
    ['hang', 'hung', /no answer within/],
  ])('tells a kernel with a %s from others, and goes on', async (fault, kind, reason) => {
    const path = await brokenKernel(fault, outputElements(layer), folder);
    const outcome = await open(1500).trial({ kernel: 'broken', path }, QUICK);
    expect(outcome).toMatchObject({ kind, reason: expect.stringMatching(reason) });
    expect((await laboratory.trial(await sound(), QUICK)).kind).toBe('ok');
  });

  it('tells a kernel that is right for the first images only', async () => {
    const kernel = source(space(layer, cpuTarget('plain')).candidates[0]!);
    const path = await spoiledKernel(kernel, 3, outputElements(layer) / layer.batch, folder);
    const outcome = await open().trial({ kernel: 'broken', path }, QUICK);
    expect(outcome).toMatchObject({
      kind: 'wrong',
      reason: expect.stringContaining('image 3 is not the same as'),
    });
  });

  it.each<[Fault, string]>([
    ['crash', 'crashed'],
    ['hang', 'hung'],
  ])('gives back what a %s did to a final, and goes on', async (fault, kind) => {
    const path = await brokenKernel(fault, outputElements(layer), folder);
    const subject = await sound();
    const failed = await open(1500).final([subject, { kernel: 'broken', path }], QUICK);
    expect(failed).toMatchObject({ kind });
    expect(await laboratory.final([subject], QUICK)).toMatchObject({ kind: 'final' });
  });

  it('takes a file that is no kernel for a failed final', async () => {
    const failed = await open().final([{ kernel: layerName(layer), path: '/dev/null' }], QUICK);
    expect(failed).toMatchObject({ kind: 'failed', reason: expect.stringContaining('cannot be loaded') });
  });

  it('starts a worker anew that ended in between, and blames no kernel', async () => {
    const script = join(temporaryFolder(), 'worker.mjs');
    // Answers one trial with its process id, then ends.
    writeFileSync(
      script,
      `process.on('message', ({ kind }) => {
        if (kind === 'setup') return process.send({ kind: 'ready' });
        const outcome = { kind: 'failed', reason: String(process.pid) };
        process.send({ kind: 'outcome', outcome }, () => process.exit(7));
      });`,
    );
    laboratory = new Laboratory(SETUP, script, 5000);
    const subject = { kernel: 'any', path: '/dev/null' };
    const pids: number[] = [];
    for (let i = 0; i < 3; i++) {
      const outcome = await laboratory.trial(subject, QUICK);
      if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome));
      pids.push(Number(outcome.reason));
      while (isAlive({ host: hostname(), pid: pids.at(-1)!, processStart: null })) await pause(5);
    }
    expect(new Set(pids).size).toBe(3);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'starts a worker anew that %s ended before it was ready',
    async (signal) => {
      const script = join(temporaryFolder(), 'worker.mjs');
      // The first to come is ended when it is told its problem.
      writeFileSync(
        script,
        `import { mkdirSync } from 'node:fs';
        let isFirst = true;
        try { mkdirSync(new URL('first', import.meta.url)); } catch { isFirst = false; }
        process.on('message', ({ kind }) => {
          if (isFirst) return process.kill(process.pid, '${signal}');
          if (kind === 'setup') return process.send({ kind: 'ready' });
          process.send({ kind: 'outcome', outcome: { kind: 'failed', reason: 'the second' } });
        });`,
      );
      laboratory = new Laboratory(SETUP, script, 5000);
      const outcome = await laboratory.trial({ kernel: 'any', path: '/dev/null' }, QUICK);
      expect(outcome).toEqual({ kind: 'failed', reason: 'the second' });
    },
  );

  it('gives a worker up that is killed whenever it starts', async () => {
    const script = join(temporaryFolder(), 'worker.mjs');
    writeFileSync(script, `process.on('message', () => process.kill(process.pid, 'SIGTERM'));`);
    laboratory = new Laboratory(SETUP, script, 5000);
    await expect(laboratory.trial({ kernel: 'any', path: '/dev/null' }, QUICK)).rejects.toMatchObject({
      code: 'worker',
      rule: expect.stringContaining('ended by SIGTERM'),
    });
  });

  it('says why a worker cannot be set up', async () => {
    const script = join(temporaryFolder(), 'worker.mjs');
    writeFileSync(script, `process.on('message', () => { console.error('no addon'); process.exit(3); });`);
    laboratory = new Laboratory(SETUP, script, 5000);
    await expect(laboratory.trial({ kernel: 'any', path: '/dev/null' }, QUICK)).rejects.toMatchObject({
      code: 'worker',
      rule: expect.stringContaining('ended with status 3: no addon'),
    });
  });

  it('takes a file that is no kernel for a failed trial', async () => {
    const outcome = await open().trial({ kernel: layerName(layer), path: '/dev/null' }, QUICK);
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('cannot be loaded') });
  });
});

describe('Laboratory of gradients', () => {
  let laboratory: Laboratory | undefined;
  const open = (op: 'wgrad' | 'backward', stride = 1) => {
    const setup = { ...SETUP, problem: problemName(problem({ ...layer, op, stride })) };
    laboratory = new Laboratory(setup, undefined, 5000);
    return laboratory;
  };
  afterEach(() => laboratory?.close());

  it.each(['wgrad', 'backward'] as const)(
    'verifies and times %s, and times it against the copy',
    async (op) => {
      const subject = { kernel: 'naive', path: await naiveGradientBinary(op, folder) };
      const outcome = await open(op, 2).trial(subject, QUICK);
      expect(outcome).toMatchObject({ kind: 'ok', measurement: { samples: expect.any(Array) } });
      expect(outcome.kind === 'ok' && outcome.relativeError).toBeLessThan(1e-6);
      const final = await laboratory!.final([subject, subject], QUICK);
      if (final.kind !== 'final') throw new Error(final.reason);
      expect([...final.measurements, final.copy].every(({ median }) => median > 0)).toBe(true);
    },
  );

  it.each<[GradientFault, RegExp]>([
    ['sum', /^dw: element 1 is off by|^dw: relative error/],
    ['hole', /^db: element 1 was not written, or is not finite$/],
    ['image', /^dx: image 3 is not the same as image 1, and their inputs are equal$/],
    ['unsteady', /^dw: a second run of the same input gave other bits$/],
    ['stale', /^db: a second run of the same input gave other bits$/],
  ])('tells a kernel with fault %s from others', async (fault, reason) => {
    const path = await brokenGradients(folder);
    const outcome = await open('backward').trial({ kernel: fault, path }, QUICK);
    expect(outcome).toMatchObject({ kind: 'wrong', reason: expect.stringMatching(reason) });
    expect((await laboratory!.trial({ kernel: 'sound', path }, QUICK)).kind).toBe('ok');
  });
});
