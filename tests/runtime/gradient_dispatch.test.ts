import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { generalKernel } from '../../generator/families/cpp_general.js';
import { GENERAL_KERNELS } from '../../generator/families/general_name.js';
import { layerName } from '../../generator/name.js';
import { type Problem, problem } from '../../generator/problem.js';
import { openCpu } from '../../runtime/cpu.js';
import { defineLibrary, type KernelLibrary } from '../../runtime/library.js';
import { dgradFormula, wgradFormula } from '../support/formula.js';
import { gradientOperands } from '../support/gradient_operands.js';
import { naiveGradient } from '../support/naive_gradient.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { PROVENANCE } from '../support/published_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';

// What tests have in common is compiled once.
const cacheFolder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

const CPU = openCpu({ threads: 1 });
const WGRAD = problem({ op: 'wgrad', height: 5, width: 4, stride: 2, kernel: 3, angles: [45], channels: 2 });
const BACKWARD = problem({ ...WGRAD, op: 'backward' });
const GIVEN = gradientOperands(BACKWARD, wholeNumbers, true);

/** A library with a kernel for each of these problems, all of its layer and named after it. */
function library(...published: (readonly [Problem, string])[]): KernelLibrary {
  const folder = temporaryFolder();
  const entries = published.map(([p, text]) => {
    const layer = layerName(p);
    const file = `${layer}.cpp`;
    writeFileSync(join(folder, file), text);
    const fileHash = createHash('sha256').update(text).digest('hex');
    const name = `${layer}__published`;
    const target = `cpu:${CPU.target.isa}` as const;
    return [
      name,
      { name, layer, target, file, fileHash, sourceHash: fileHash, provenance: PROVENANCE },
    ] as const;
  });
  return defineLibrary({ folder, kernels: Object.fromEntries(entries) });
}

const nameOf = (p: Problem) => `${layerName(p)}__published`;
const published = (p: Problem) => ({ kind: 'library', kernel: nameOf(p) });
const wgradText = generalKernel('wgrad').replaceAll(GENERAL_KERNELS.wgrad, nameOf(WGRAD));
const backwardText = naiveGradient('backward', nameOf(BACKWARD));

/** Checks what backward gives. */
async function run(options: { library: KernelLibrary }) {
  const gradient = await CPU.loadGradient(BACKWARD, { ...options, cacheFolder });
  const { inputGrad, weightGrad } = gradient.run(GIVEN);
  const dx = dgradFormula(BACKWARD, { input: GIVEN.grad, weight: GIVEN.weight!, resid: true });
  expect(difference(inputGrad!, dx)).toBeUndefined();
  expect(difference(weightGrad, wgradFormula(BACKWARD, GIVEN).weightGrad)).toBeUndefined();
  return gradient.origin;
}

describe('gradientDispatch', () => {
  it("compiles the library's kernel and runs it", async () => {
    const options = { library: library([WGRAD, wgradText]), cacheFolder };
    const wgrad = await CPU.loadGradient(problem({ ...WGRAD, batch: 1 }), options);
    expect(wgrad.origin).toEqual(published(WGRAD));
    const { input, grad } = GIVEN;
    const { weightGrad } = wgrad.run({ input, grad });
    expect(difference(weightGrad, wgradFormula(WGRAD, GIVEN).weightGrad)).toBeUndefined();
    expect(await run({ library: library([BACKWARD, backwardText], [WGRAD, wgradText]) })).toEqual(
      published(BACKWARD),
    );
  });

  it('takes for backward the best of dgrad and wgrad, each for itself, and says why', async () => {
    const dgrad = problem({ ...WGRAD, op: 'dgrad' });
    const dgradText = generalKernel('dgrad').replaceAll(GENERAL_KERNELS.dgrad, nameOf(dgrad));
    const [backward, of] = [layerName(BACKWARD), `on cpu:${CPU.target.isa} is none of its`];
    expect(await run({ library: library([WGRAD, wgradText]) })).toEqual({
      kind: 'pair',
      reason: `not in the library: ${backward} ${of} 1 kernels`,
      dgrad: { kind: 'general', reason: `not in the library: ${layerName(dgrad)} ${of} 1 kernels` },
      wgrad: published(WGRAD),
    });
    expect(await run({ library: library([WGRAD, wgradText], [dgrad, dgradText]) })).toEqual({
      kind: 'pair',
      reason: `not in the library: ${backward} ${of} 2 kernels`,
      dgrad: published(dgrad),
      wgrad: published(WGRAD),
    });
  });

  it("takes at stride 1 the library's kernel of fprop for dgrad", async () => {
    const backward = problem({ ...BACKWARD, stride: 1 });
    const forward = problem({ ...backward, op: 'fprop' });
    const text = generalKernel('fprop').replaceAll(GENERAL_KERNELS.fprop, nameOf(forward));
    const options = { library: library([forward, text]), cacheFolder };
    const gradient = await CPU.loadGradient(backward, options);
    expect(gradient.origin).toMatchObject({ dgrad: published(forward), wgrad: { kind: 'general' } });
    const given = gradientOperands(backward, wholeNumbers);
    const dx = dgradFormula(backward, { input: given.grad, weight: given.weight! });
    expect(difference(gradient.run(given).inputGrad!, dx)).toBeUndefined();
  });

  it('does not hide a kernel that does not compile, or was changed', async () => {
    for (const p of [WGRAD, BACKWARD]) {
      const options = { library: library([p, 'not C++']), cacheFolder };
      await expect(CPU.loadGradient(p, options)).rejects.toMatchObject({ code: 'compile', fault: 'system' });
      writeFileSync(join(options.library.folder, `${layerName(p)}.cpp`), 'changed');
      await expect(CPU.loadGradient(p, options)).rejects.toMatchObject({ code: 'library-damaged' });
    }
  });
});
