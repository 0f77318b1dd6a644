import { cudaAddon, type NativeDevice, type NativeStream } from './addon.js';
import { awaiting, calling } from './failure.js';

/** Work in order, beside that of other streams. */
export interface CudaStream {
  readonly kind: 'cuda-stream';
  readonly native: NativeStream;
  /** Waits for all that it was given. @throws DeviceError that names the kernel it was given last, if one failed */
  synchronize(): void;
  /** The same without blocking this thread. */
  finished(): Promise<void>;
}

/** A device as the rest of this folder sees it: where work goes, and what went there last. */
export interface Queue {
  readonly device: NativeDevice;
  readonly stream: CudaStream;
  /** A kernel runs after its launch has returned, so that its failure shows in a later call. */
  readonly latest: { kernel: string };
}

export function queueOf(device: NativeDevice): Queue {
  const latest = { kernel: device.name };
  return Object.freeze({ device, latest, stream: streamOf(device, latest) });
}

/** Another stream of the device. */
export function streamOf(device: NativeDevice, latest: Queue['latest']): CudaStream {
  const native = calling(device.name, () => cudaAddon().stream(device));
  return Object.freeze<CudaStream>({
    kind: 'cuda-stream',
    native,
    synchronize: () => calling(latest.kernel, () => cudaAddon().synchronize(native)),
    finished: () => awaiting(latest.kernel, cudaAddon().synchronizeAsync(native)),
  });
}
