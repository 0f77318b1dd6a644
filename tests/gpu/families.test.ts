import { availableParallelism } from 'node:os';
import { beforeAll, expect, it } from 'vitest';
import { FAMILY_IDS, family } from '../../generator/families/registry.js';
import { inputElements, outputElements } from '../../generator/problem.js';
import type { Schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { type CudaCompiler, compileCuda, findCudaCompiler } from '../../runtime/cuda/compiler.js';
import { sideBySide } from '../../runtime/side_by_side.js';
import { someCudaKernels } from '../support/cuda_case.js';
import { formula } from '../support/formula.js';
import { onGpu } from '../support/gpu.js';
import { operands } from '../support/guarded.js';
import { difference, wholeNumbers } from '../support/numbers.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const KERNELS = 12;
const SEED = 20231002;

onGpu('kernels of', (gpu) => {
  let compiler: CudaCompiler;
  beforeAll(async () => {
    compiler = (await findCudaCompiler())!;
  });

  /** The cubins for this GPU, whatever architecture the schedules were made for. */
  function binaries(kernels: readonly Schedule[]): Promise<readonly string[]> {
    const folder = temporaryFolder();
    return sideBySide(kernels, availableParallelism(), (kernel) => {
      const { name, text } = source(kernel);
      return compileCuda(compiler, { name, text, arch: gpu.target.arch, folder });
    });
  }

  it.each(FAMILY_IDS.filter((id) => family(id).target === 'cuda' && !id.endsWith('_grad')))(
    '%s are the formula for random layers and schedules, twice with the same bits',
    async (id) => {
      const kernels = someCudaKernels(id, KERNELS, SEED);
      const paths = await binaries(kernels);
      kernels.forEach((kernel, i) => {
        const { problem: p, name } = kernel;
        const given = operands(p, wholeNumbers, i % 2 === 0, i % 3 === 0);
        const prepared = gpu.loadBinary(p, paths[i]!, source(kernel).launch!, name).prepare(given);
        const [input, output] = [inputElements(p), outputElements(p)].map((length) => gpu.tensor(length));
        gpu.upload(input!, given.input);
        const launch = prepared.bind({ input: input!, output: output! });
        const outputs = [0, 1].map(() => {
          gpu.fill(output!, Number.NaN).run();
          launch.run();
          const array = new Float32Array(output!.length);
          gpu.download(output!, array);
          return array;
        });
        expect(difference(outputs[0]!, formula(p, given)), name).toBeUndefined();
        expect(outputs[1], name).toEqual(outputs[0]);
      });
    },
    120_000,
  );
});
