import { describe, expect, it } from 'vitest';
import { cudaAddon } from '../../../runtime/cuda/addon.js';
import { openCuda } from '../../../runtime/cuda/device.js';
import { awaiting, calling, cudaError } from '../../../runtime/cuda/failure.js';
import { DeviceError } from '../../../runtime/errors.js';

/** As the addon throws it. */
function failed(call: string, result: string, text = 'a text'): Error {
  return Object.assign(new Error(`${call}: ${result}: ${text}`), { call, result, text });
}

describe('cudaError', () => {
  it.each([
    ['cuMemAlloc_v2', 'CUDA_ERROR_OUT_OF_MEMORY', 'cuda-memory', 'smaller batch'],
    ['cuInit', 'CUDA_ERROR_NO_DEVICE', 'cuda-no-device', 'nvidia-smi'],
    ['cuModuleLoadDataEx', 'CUDA_ERROR_NO_BINARY_FOR_GPU', 'cuda-image', 'architecture'],
    ['cuModuleGetFunction', 'CUDA_ERROR_NOT_FOUND', 'cuda-symbol', 'name of a kernel'],
    ['cuStreamSynchronize', 'CUDA_ERROR_MISALIGNED_ADDRESS', 'cuda-lost', 'process anew'],
    ['cuStreamSynchronize', 'CUDA_ERROR_SOMETHING_NEW', 'cuda', 'doctor'],
  ])('says what to do about %s: %s', (call, result, code, remedy) => {
    const cause = failed(call, result);
    const error = cudaError('a kernel', cause) as DeviceError;
    expect(error).toBeInstanceOf(DeviceError);
    expect(error).toMatchObject({ code, fault: 'system', value: 'a kernel', cause });
    expect(error.rule).toBe(`${call} failed: ${result}, a text`);
    expect(error.remedy).toContain(remedy);
  });

  it('tells a missing driver from one that is too old', () => {
    const missing = cudaError('CUDA', failed('dlopen', '', 'libcuda.so.1: no such file'));
    expect(missing).toMatchObject({
      code: 'cuda-missing',
      rule: 'CUDA cannot be used: libcuda.so.1: no such file',
      remedy: "install NVIDIA's driver if there is a GPU, or use the CPU",
    });
    expect(cudaError('CUDA', failed('dlsym', '', 'undefined symbol'))).toMatchObject({ code: 'cuda-old' });
  });

  it('takes any other error for a misuse, and leaves ours as they are', () => {
    const cause = new TypeError('expected a CUDA stream of this addon');
    expect(cudaError('k', cause)).toMatchObject({ code: 'cuda-misuse', fault: 'user', cause });
    const ours = new DeviceError('user', { code: 'c', value: 1, rule: 'r', remedy: 'm' });
    expect(cudaError('k', ours)).toBe(ours);
  });
});

it('calling and awaiting give results, and errors in our words', async () => {
  const cause = failed('cuInit', 'CUDA_ERROR_NO_DEVICE');
  expect(calling('k', () => 42)).toBe(42);
  expect(() =>
    calling('k', () => {
      throw cause;
    }),
  ).toThrow(DeviceError);
  expect(await awaiting('k', Promise.resolve(42))).toBe(42);
  await expect(awaiting('k', Promise.reject(cause))).rejects.toBeInstanceOf(DeviceError);
});

it.skipIf(hasDriver())('without a driver the addon loads, and says what is missing at the first call', () => {
  for (const open of [openCuda, openCuda]) {
    expect(open).toThrow(DeviceError);
    expect(open).toThrow(
      /^'CUDA device 0': CUDA cannot be used: libcuda\.so\.1: .*; install NVIDIA's driver if there is a GPU, or use the CPU$/,
    );
  }
});

function hasDriver(): boolean {
  try {
    return cudaAddon().deviceCount() >= 0;
  } catch (error) {
    return (error as { call?: string }).call !== 'dlopen';
  }
}
