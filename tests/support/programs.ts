import fc from 'fast-check';
import { outputSize, problem } from '../../generator/problem.js';
import { fpropProgram, type Lattice, type Program } from '../../generator/program.js';
import { tapSet } from '../../generator/taps.js';
import { lineTile, straightTile } from '../../generator/tile.js';
import { anyAngle, anyKernel } from './arbitrary.js';

/** Programs of small layers: every size from 1, every stride from 1 to 4. */
export const anyProgram: fc.Arbitrary<Program> = fc
  .record({
    kernel: anyKernel,
    angle: anyAngle,
    length: fc.integer({ min: 1, max: 16 }),
    height: fc.integer({ min: 1, max: 24 }),
    width: fc.integer({ min: 1, max: 24 }),
    stride: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ kernel, angle, length, ...size }) => lineProgram(kernel, angle, length, size));

export function lineProgram(
  kernel: number,
  angle: number,
  length: number,
  size: { readonly height: number; readonly width: number; readonly stride: number },
): Program {
  const taps = tapSet(kernel, angle);
  const made = problem({ ...size, kernel, angles: [angle] });
  return fpropProgram(taps, lineTile(taps, length), {
    input: { height: made.height, width: made.width },
    output: outputSize(made),
    stride: made.stride,
  });
}

/** Of whole rows, at stride 1. */
export function rowProgram(
  kernel: number,
  angle: number,
  plane: { readonly height: number; readonly width: number },
): Program {
  return fpropProgram(tapSet(kernel, angle), straightTile('x', plane.width), {
    input: plane,
    output: plane,
    stride: 1,
  });
}

export function latticeValues({ from, to, step }: Lattice): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
}
