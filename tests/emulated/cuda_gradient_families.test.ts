import { expect, it } from 'vitest';
import { FAMILY_IDS, family } from '../../generator/families/registry.js';
import { someCudaKernels } from '../support/cuda_case.js';
import { wrongGradients } from '../support/wrong_gradients.js';

const KERNELS = 6;
/** Random parameters for each of them: most are of another layout, of too many registers or too few pixels a block. */
const TRIES = 400;
const CUDA_GRADIENT_FAMILIES = FAMILY_IDS.filter(
  (id) => family(id).target === 'cuda' && id.endsWith('_grad'),
);

it.each(CUDA_GRADIENT_FAMILIES)(
  '%s is the formula for random layers and schedules, under the sanitizers',
  async (id) => {
    const kernels = someCudaKernels(id, KERNELS, 20231001, ['wgrad', 'backward', 'dgrad'], TRIES);
    expect(kernels).toHaveLength(KERNELS);
    expect(await wrongGradients(kernels)).toEqual([]);
  },
);
