import { DeviceError } from '../errors.js';

/** A call of CUDA's that failed, as runtime/native/cuda/failure.h makes it. */
export interface CudaFailure extends Error {
  /** `cuMemAlloc_v2`; `dlopen` where there is no CUDA. */
  readonly call: string;
  /** `CUDA_ERROR_OUT_OF_MEMORY`; empty where there is no CUDA. */
  readonly result: string;
  /** `out of memory`, or the compiler's log. */
  readonly text: string;
}

/**
 * Calls CUDA for something.
 * @param subject what for: a kernel's name, a device, a size
 * @throws DeviceError with CUDA's own words
 */
export function calling<T>(subject: unknown, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw cudaError(subject, cause);
  }
}

/** The same for a promise. */
export function awaiting<T>(subject: unknown, call: Promise<T>): Promise<T> {
  return call.catch((cause: unknown) => {
    throw cudaError(subject, cause);
  });
}

export function isCudaFailure(error: unknown): error is CudaFailure {
  return error instanceof Error && 'call' in error && 'result' in error;
}

/** What a person can do about a failed call. */
export function cudaError(subject: unknown, cause: unknown): unknown {
  if (cause instanceof DeviceError || !(cause instanceof Error)) return cause;
  if (!isCudaFailure(cause))
    return new DeviceError('user', {
      code: 'cuda-misuse',
      value: subject,
      rule: cause.message,
      remedy: 'bind it anew, with tensors of this device that are not freed',
      cause,
    });
  const { call, result, text } = cause;
  const { code, remedy } = advice(cause);
  const rule = result === '' ? `CUDA cannot be used: ${text}` : `${call} failed: ${result}, ${text}`;
  return new DeviceError('system', { code, value: subject, rule, remedy, cause });
}

interface Advice {
  readonly code: string;
  readonly remedy: string;
}

const IMAGE: Advice = {
  code: 'cuda-image',
  remedy: "compile the kernel for this device's architecture, with a CUDA no newer than the driver's",
};

/** A fault in a kernel is the end of the context, and so of all that the process has on the device. */
const LOST: Advice = {
  code: 'cuda-lost',
  remedy: 'start the process anew; compute-sanitizer tells where the kernel went wrong',
};

const NO_PRODUCT: Advice = { code: 'blas-unsupported', remedy: 'update nvidia-cublas' };

const ADVICE: Readonly<Record<string, Advice>> = {
  CUDA_ERROR_OUT_OF_MEMORY: {
    code: 'cuda-memory',
    remedy: 'use a smaller batch, or free tensors that are no longer needed',
  },
  CUDA_ERROR_NO_DEVICE: {
    code: 'cuda-no-device',
    remedy: 'see what nvidia-smi lists, and whether CUDA_VISIBLE_DEVICES hides it',
  },
  CUDA_ERROR_INVALID_DEVICE: { code: 'cuda-no-device', remedy: 'give the number of one that there is' },
  CUDA_ERROR_NO_BINARY_FOR_GPU: IMAGE,
  CUDA_ERROR_INVALID_IMAGE: IMAGE,
  CUDA_ERROR_INVALID_PTX: IMAGE,
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION: IMAGE,
  CUDA_ERROR_NOT_FOUND: { code: 'cuda-symbol', remedy: 'give the name of a kernel that the image holds' },
  CUDA_ERROR_ILLEGAL_ADDRESS: LOST,
  CUDA_ERROR_MISALIGNED_ADDRESS: LOST,
  CUDA_ERROR_ILLEGAL_INSTRUCTION: LOST,
  CUDA_ERROR_INVALID_ADDRESS_SPACE: LOST,
  CUDA_ERROR_INVALID_PC: LOST,
  CUDA_ERROR_HARDWARE_STACK_ERROR: LOST,
  CUDA_ERROR_LAUNCH_FAILED: LOST,
  CUDA_ERROR_LAUNCH_TIMEOUT: LOST,
  CUDA_ERROR_ASSERT: LOST,
  CUBLAS_STATUS_INVALID_VALUE: NO_PRODUCT,
  CUBLAS_STATUS_NOT_SUPPORTED: NO_PRODUCT,
};

function advice({ call, result }: CudaFailure): Advice {
  if (call === 'dlopen')
    return { code: 'cuda-missing', remedy: "install NVIDIA's driver if there is a GPU, or use the CPU" };
  if (call === 'dlsym')
    return {
      code: 'cuda-old',
      remedy: "update NVIDIA's driver: to 470 or newer, or 525 where kernels take tensor maps",
    };
  return ADVICE[result] ?? { code: 'cuda', remedy: 'see `oriented1d doctor`, and what nvidia-smi says' };
}
