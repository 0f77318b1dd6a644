import { cpuTarget, parseTarget, targetName } from '../generator/target.js';
import { addon } from '../runtime/addon.js';
import { type CpuDevice, openCpu } from '../runtime/cpu.js';
import type { Origin } from '../runtime/dispatch.js';
import { CliError } from './errors.js';

/**
 * The device that --target names.
 * @param target `cpu`, or `cpu:ISA` for narrower kernels than this processor could run
 * @throws ProblemError, CliError for a target that nothing runs on yet, DeviceError
 */
export function openDevice(target: string, threads?: number): CpuDevice {
  const asked = parseTarget(target, cpuTarget(addon().isa()));
  switch (asked.kind) {
    case 'cpu':
      return openCpu({ isa: asked.isa, ...(threads !== undefined && { threads }) });
    case 'cuda':
      throw new CliError({
        code: 'target-unbuilt',
        value: target,
        rule: 'running on CUDA is not built yet',
        remedy: 'use --target cpu',
      });
    default:
      return asked satisfies never;
  }
}

/** What a convolution ran on, for --json. */
export function ranOn({ target, threads }: CpuDevice): { readonly target: string; readonly threads: number } {
  return { target: targetName(target), threads };
}

/** `1 thread`, `2 threads`. */
export function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

/** `the general kernel on cpu:avx512, 2 threads (not in the library: ...)`: for people. */
export function described(origin: Origin, device: CpuDevice): string {
  const { target, threads } = ranOn(device);
  const where = `on ${target}, ${threadsText(threads)}`;
  switch (origin.kind) {
    case 'library':
      return `${origin.kernel} ${where}`;
    case 'general':
      return `the general kernel ${where} (${origin.reason})`;
    case 'binary':
      return `${origin.symbol} ${where}`;
    default:
      return origin satisfies never;
  }
}
