import { expect, it } from 'vitest';
import { FAMILY_IDS, family } from '../../generator/families/registry.js';
import { outputElements } from '../../generator/problem.js';
import type { Schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { someCudaKernels } from '../support/cuda_case.js';
import { emulatedKernel } from '../support/emulated_kernel.js';
import { emulate } from '../support/emulation.js';
import { formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';

const KERNELS = 8;
const CUDA_FAMILIES = FAMILY_IDS.filter((id) => family(id).target === 'cuda' && !id.endsWith('_grad'));

/** Of each kernel that is not the formula, its name and where it differs. */
async function wrong(kernels: readonly Schedule[]): Promise<readonly unknown[]> {
  const runs = kernels.map((kernel, i) => ({
    kernel,
    emitted: source(kernel),
    problem: kernel.problem,
    operands: operands(kernel.problem, wholeNumbers, i % 2 === 0, i % 3 === 0),
  }));
  // The first one's images lie far behind the others of their tensors.
  const outputs = await emulate(
    runs.map((run, i) => emulatedKernel(run.emitted, { ...run, lead: i === 0 ? far(run.kernel) : 0 })),
  );
  return runs.flatMap(({ kernel, problem, operands }, i) => {
    const found = difference(outputs[i]!, formula(problem, operands));
    return found ? [[kernel.name, found]] : [];
  });
}

/** Images that hold more than 2^32 floats of output, and that every block takes a whole number of. */
function far(kernel: Schedule): number {
  const { images } = source(kernel).launch!;
  const floats = outputElements(kernel.problem) / kernel.problem.batch;
  return Math.ceil(2 ** 32 / floats / images) * images;
}

it.each(CUDA_FAMILIES)(
  '%s is the formula for random layers and schedules, under the sanitizers',
  async (id) => {
    const kernels = someCudaKernels(id, KERNELS, 20231001);
    expect(kernels).toHaveLength(KERNELS);
    expect(await wrong(kernels)).toEqual([]);
  },
);
