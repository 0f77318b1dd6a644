import { availableParallelism } from 'node:os';
import { beforeAll, expect, it } from 'vitest';
import { FAMILY_IDS, family } from '../../generator/families/registry.js';
import type { Schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { type CudaCompiler, compileCuda, findCudaCompiler } from '../../runtime/cuda/compiler.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import { sideBySide } from '../../runtime/side_by_side.js';
import { someCudaKernels } from '../support/cuda_case.js';
import { dgradFormula, wgradFormula } from '../support/formula.js';
import { onGpu } from '../support/gpu.js';
import { gradientOperands } from '../support/gradient_operands.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const KERNELS = 9;
const RUNS = 20;
const SEED = 20231003;

onGpu('kernels of gradients', (gpu) => {
  let compiler: CudaCompiler;
  beforeAll(async () => {
    compiler = (await findCudaCompiler())!;
  });

  it.each(FAMILY_IDS.filter((id) => family(id).target === 'cuda' && id.endsWith('_grad')))(
    `%s are the formula for random layers and schedules, ${RUNS} times with the same bits`,
    async (id) => {
      const folder = temporaryFolder();
      const kernels = someCudaKernels(id, KERNELS, SEED, ['wgrad', 'backward', 'dgrad'], 400);
      const paths = await sideBySide(kernels, availableParallelism(), (kernel) => {
        const { name, text } = source(kernel);
        return compileCuda(compiler, { name, text, arch: gpu.target.arch, folder });
      });
      kernels.forEach((kernel, i) => {
        const run =
          kernel.problem.op === 'dgrad' ? strided(gpu, kernel, paths[i]!) : gradient(gpu, kernel, paths[i]!);
        const first = run();
        for (let again = 1; again < RUNS; again++) expect(run(), kernel.name).toEqual(first);
      });
    },
    240_000,
  );
});

/** Runs a kernel of wgrad or backward, and holds it against the formula. */
function gradient(gpu: CudaDevice, kernel: Schedule, path: string) {
  const { problem: p, name } = kernel;
  const given = gradientOperands(p, wholeNumbers, true);
  const prepared = gpu.loadGradientBinary(p, path, source(kernel).launch!, name);
  const { weightGrad, biasGrad } = wgradFormula(p, given);
  return () => {
    const outputs = prepared.run(given);
    expect(difference(outputs.weightGrad, weightGrad), name).toBeUndefined();
    expect(difference(outputs.biasGrad, biasGrad), name).toBeUndefined();
    if (outputs.inputGrad) {
      const dx = dgradFormula(p, { input: given.grad, weight: given.weight!, resid: true });
      expect(difference(outputs.inputGrad, dx), name).toBeUndefined();
    }
    return outputs;
  };
}

/** The same of strided dgrad. */
function strided(gpu: CudaDevice, kernel: Schedule, path: string) {
  const { problem: p, name } = kernel;
  const given = operands(p, wholeNumbers, false, true);
  const convolution = gpu.loadBinary(p, path, source(kernel).launch!, name);
  const expected = dgradFormula(p, given);
  return () => {
    const output = convolution.run(given);
    expect(difference(output, expected), name).toBeUndefined();
    return output;
  };
}
