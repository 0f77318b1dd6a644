import { expect, it } from 'vitest';
import { FAMILY_IDS, family } from '../../generator/families/registry.js';
import { source } from '../../generator/source.js';
import { someCudaKernels } from '../support/cuda_case.js';
import { emulatedKernel } from '../support/emulated_kernel.js';
import { emulate } from '../support/emulation.js';
import { formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';

const KERNELS = 8;
const CUDA_FAMILIES = FAMILY_IDS.filter((id) => family(id).target === 'cuda');

it.each(CUDA_FAMILIES)(
  '%s is the formula for random layers and schedules, under the sanitizers',
  async (id) => {
    const kernels = someCudaKernels(id, KERNELS, 20231001);
    expect(kernels).toHaveLength(KERNELS);
    const runs = kernels.map((kernel, i) => {
      const given = operands(kernel.problem, wholeNumbers, i % 2 === 0, i % 3 === 0);
      return { kernel, problem: kernel.problem, operands: given };
    });
    const outputs = await emulate(runs.map((run) => emulatedKernel(source(run.kernel), run)));
    const wrong = runs.flatMap(({ kernel, problem, operands }, i) => {
      const found = difference(outputs[i]!, formula(problem, operands));
      return found ? [[kernel.name, found]] : [];
    });
    expect(wrong).toEqual([]);
  },
);
