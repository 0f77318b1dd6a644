import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FamilyId } from '../../generator/families/registry.js';
import { type Op, problem } from '../../generator/problem.js';
import type { Schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { space } from '../../generator/space.js';
import { cpuTarget, parseTarget } from '../../generator/target.js';
import { anyLayer, squareProblem } from '../support/arbitrary.js';
import { someCudaKernels } from '../support/cuda_case.js';
import { emulatedGeneral, emulatedKernel } from '../support/emulated_kernel.js';
import { emulatedWgrad } from '../support/emulated_wgrad.js';
import { emulate } from '../support/emulation.js';
import { dgradFormula, formula, wgradFormula } from '../support/formula.js';
import { gradientOperands } from '../support/gradient_operands.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { wrongGradients } from '../support/wrong_gradients.js';

/** Random parameters for each kernel: most do not go with a small random layer. */
const TRIES = 800;
/** Characters of a text: twice as many take twice as long to compile. */
const LONGEST = 48_000;
const KERNELS = 3;
const TARGET = parseTarget('cuda:sm_90', cpuTarget('plain'));

function squares(id: FamilyId, ops: readonly Op[]): readonly Schedule[] {
  return someCudaKernels(id, KERNELS, 7, ops, TRIES, squareProblem, LONGEST);
}

function shortestTiles(candidates: readonly Schedule[]): Schedule {
  return candidates.reduce((best, one) => (one.params.length! < best.params.length! ? one : best));
}

async function wrong(kernels: readonly Schedule[]): Promise<readonly unknown[]> {
  const runs = kernels.map((kernel, i) => ({
    emitted: source(kernel),
    problem: kernel.problem,
    operands: operands(kernel.problem, wholeNumbers, i % 2 === 0, i % 3 === 0),
  }));
  const outputs = await emulate(runs.map((run) => emulatedKernel(run.emitted, run)));
  return runs.flatMap((run, i) => difference(outputs[i]!, formula(run.problem, run.operands)) ?? []);
}

it.each(['cuda_staged', 'cuda_direct', 'cuda_lanes', 'cuda_packed'] as const)(
  '%s computes square filters of random layers, under the sanitizers',
  async (id) => {
    const kernels = squares(id, ['fprop']);
    expect(kernels).toHaveLength(KERNELS);
    expect(await wrong(kernels)).toEqual([]);
  },
);

it('cuda_packed_grad computes gradients of square filters, under the sanitizers', async () => {
  const kernels = squares('cuda_packed_grad', ['wgrad', 'backward', 'dgrad']);
  expect(new Set(kernels.map(({ problem }) => problem.op)).size).toBe(KERNELS);
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('cuda_direct_grad does, with the sums of 49 taps', async () => {
  const layer = { filter: 'square', kernel: 7, height: 12, width: 9, channels: 40, batch: 8 } as const;
  const asked = [
    problem({ ...layer, op: 'wgrad' }),
    problem({ ...layer, op: 'backward' }),
    problem({ ...layer, op: 'dgrad', stride: 2 }),
  ];
  // Those of the shortest tiles have as many sums, and far less text.
  const kernels = asked.map((one) => shortestTiles(space(one, TARGET).candidates));
  expect(kernels.map(({ family }) => family)).toEqual(Array(3).fill('cuda_direct_grad'));
  expect(await wrongGradients(kernels)).toEqual([]);
});

it('the general kernels compute all operations of square filters, under the sanitizers', async () => {
  const layers = fc.sample(anyLayer, { seed: 3, numRuns: 4 });
  const cases = layers.flatMap((layer) => {
    const [forward, dgrad, wgrad] = (['fprop', 'dgrad', 'wgrad'] as const).map((op) =>
      squareProblem({ ...layer, op }),
    );
    const given = operands(forward!, wholeNumbers, true, true);
    const read = operands(dgrad!, wholeNumbers, false, true);
    const sums = gradientOperands(wgrad!, wholeNumbers);
    const { weightGrad, biasGrad } = wgradFormula(wgrad!, sums);
    return [
      {
        run: emulatedGeneral('fprop', { problem: forward!, operands: given }),
        expected: formula(forward!, given),
      },
      {
        run: emulatedGeneral('dgrad', { problem: dgrad!, operands: read }),
        expected: dgradFormula(dgrad!, read),
      },
      {
        run: emulatedWgrad({ problem: wgrad!, operands: sums, launches: 1 }),
        expected: Float64Array.of(...weightGrad, ...biasGrad),
      },
    ];
  });
  const outputs = await emulate(cases.map(({ run }) => run));
  expect(cases.flatMap(({ expected }, i) => difference(outputs[i]!, expected) ?? [])).toEqual([]);
});
