import { isGradient, type Problem } from '../../generator/problem.js';
import type { Parameters } from '../../runtime/convolution.js';
import type { CpuDevice } from '../../runtime/cpu.js';
import type { Launch } from '../../runtime/launch.js';
import type { Subject } from './protocol.js';
import type { TensorSet } from './tensors.js';

/** Makes a launch on a set of tensors. */
export type CpuBinder = (set: TensorSet<Float32Array>) => Launch;

/** A kernel with its weights, whatever it computes. @throws DeviceError if it cannot be loaded */
export function loadOnCpu(
  device: CpuDevice,
  problem: Problem,
  { path, kernel }: Pick<Subject, 'path' | 'kernel'>,
  parameters: Partial<Parameters>,
): CpuBinder {
  const { bind } = isGradient(problem)
    ? device.loadGradientBinary(problem, path, kernel).prepare(parameters)
    : device.loadBinary(problem, path, kernel).prepare(parameters as Parameters); // fprop and dgrad have weights
  return (set) => bind(set);
}
