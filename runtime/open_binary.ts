import type { Binary } from './dispatch.js';
import { DeviceError } from './errors.js';

/** Opens a kernel's code. @throws DeviceError that names it if it cannot be loaded */
export function openBinary<T>({ path, symbol }: Binary, open: (path: string | null, symbol: string) => T): T {
  try {
    return open(path, symbol);
  } catch (cause) {
    if (cause instanceof DeviceError) throw cause;
    throw new DeviceError('system', {
      code: 'kernel-load',
      value: path ?? symbol,
      rule: `the kernel cannot be loaded: ${(cause as Error).message}`,
      remedy: 'compile it again with this version of oriented1d',
      cause,
    });
  }
}
