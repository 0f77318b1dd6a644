import { expect, it } from 'vitest';
import { compileCuda, findCudaCompiler } from '../../runtime/cuda/compiler.js';
import { onGpu } from '../support/gpu.js';
import { SCALE_PLAN, SCALE_PROBLEM, scaleText } from '../support/scale_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';

// A file of its own, and so a process: the device is lost to it afterwards.
onGpu('a kernel that stores far outside', (gpu) => {
  it('is named when one waits for it, and ends all that this process does there', async () => {
    const text = scaleText(1024, '(1LL << 40)');
    const compilation = { name: 'scale', text, arch: gpu.target.arch, folder: temporaryFolder() };
    const path = await compileCuda((await findCudaCompiler())!, compilation);
    const conv = gpu.loadBinary(SCALE_PROBLEM, path, { ...SCALE_PLAN, sharedBytes: 1024 }, 'scale');
    const bindings = { input: gpu.tensor(768), output: gpu.tensor(768) };
    const { run } = conv.prepare({ weight: Float32Array.of(1) }).bind(bindings);
    run();
    await expect(gpu.finished()).rejects.toMatchObject({
      code: 'cuda-lost',
      value: 'scale',
      rule: expect.stringMatching(/CUDA_ERROR_ILLEGAL_ADDRESS, an illegal memory access/),
    });
    expect(run).toThrow(/'scale': cu\w+ failed: CUDA_ERROR_ILLEGAL_ADDRESS/);
  });
});
