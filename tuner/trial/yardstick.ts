import { floorBytes, type Problem } from '../../generator/problem.js';
import type { CpuDevice } from '../../runtime/cpu.js';
import { tensor } from '../../runtime/tensor.js';

export interface Buffers {
  readonly input: Float32Array;
  readonly output: Float32Array;
}

/**
 * What kernels are held against: copies that move as many bytes as the problem must, half of its floor read and half
 * written, one for each set of buffers. With a stride the output is too short for that, and the copy has a
 * destination of its own.
 */
export function yardstick(
  device: Pick<CpuDevice, 'copy'>,
  problem: Problem,
  sets: readonly Buffers[],
): readonly (() => void)[] {
  const floats = copiedFloats(problem);
  return sets.map(({ input, output }) => {
    const from = input.subarray(0, floats);
    const to = output.length < floats ? tensor(floats) : output.subarray(0, floats);
    return () => device.copy(to, from);
  });
}

/** How many floats a copy takes along that moves as many bytes as the problem must. */
export function copiedFloats(problem: Problem): number {
  return Math.floor(floorBytes(problem) / 2 / Float32Array.BYTES_PER_ELEMENT);
}
