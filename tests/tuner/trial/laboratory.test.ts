import { afterEach, describe, expect, it } from 'vitest';
import { layerName, problemName } from '../../../generator/name.js';
import { outputElements, problem } from '../../../generator/problem.js';
import { source } from '../../../generator/source.js';
import { cpuTarget } from '../../../generator/target.js';
import { compile, compilerFlags, findCompiler } from '../../../runtime/compiler.js';
import { space } from '../../../tuner/space.js';
import { Laboratory } from '../../../tuner/trial/laboratory.js';
import { brokenKernel, type Fault } from '../../support/broken_kernel.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const QUICK = { precision: 0.5, minSamples: 2, maxSamples: 3, budget: 20_000 };
const layer = problem({ height: 6, width: 6, kernel: 3, angles: [0, 90], channels: 8, batch: 2 });

describe('Laboratory', () => {
  let laboratory: Laboratory;

  function open(grace?: number): Laboratory {
    const setup = { kind: 'setup', problem: problemName(layer), isa: 'plain', threads: 2, seed: 1 } as const;
    laboratory = new Laboratory(setup, undefined, grace);
    return laboratory;
  }
  afterEach(() => laboratory.close());

  async function sound(folder: string) {
    const compiler = (await findCompiler())!;
    const { text, name } = source(space(layer, cpuTarget('plain')).candidates[0]!);
    const path = await compile(compiler, { name, text, flags: compilerFlags(compiler, 'plain'), folder });
    return { kernel: name, path };
  }

  it('verifies and times a sound kernel, and times it against the copy', async () => {
    const subject = await sound(temporaryFolder());
    const outcome = await open().trial(subject, QUICK);
    expect(outcome).toMatchObject({ kind: 'ok', measurement: { samples: expect.any(Array) } });
    expect(outcome.kind === 'ok' && outcome.relativeError).toBeLessThan(1e-6);
    const { measurements, copy } = await laboratory.final([subject, subject], QUICK);
    expect(measurements).toHaveLength(2);
    expect([...measurements, copy].every(({ median }) => median > 0)).toBe(true);
  });

  it.each<[Fault, string, RegExp]>([
    ['wrong', 'wrong', /relative error 1\.0e\+0 is larger/],
    ['hole', 'wrong', /element \d+ was not written/],
    ['crash', 'crashed', /SIGSEGV/],
    ['hang', 'hung', /no answer within/],
  ])('tells a kernel with a %s from others, and goes on', async (fault, kind, reason) => {
    const folder = temporaryFolder();
    const path = await brokenKernel(fault, outputElements(layer), folder);
    const outcome = await open(1500).trial({ kernel: 'broken', path }, QUICK);
    expect(outcome).toMatchObject({ kind, reason: expect.stringMatching(reason) });
    expect((await laboratory.trial(await sound(folder), QUICK)).kind).toBe('ok');
  });

  it('takes a file that is no kernel for a failed trial', async () => {
    const outcome = await open().trial({ kernel: layerName(layer), path: '/dev/null' }, QUICK);
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('cannot be loaded') });
  });
});
