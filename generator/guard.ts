import { type Lattice, type Load, lastOf, type Program } from './program.js';
import type { Point } from './tile.js';

/**
 * A test that a load or a store needs on one axis: is origin * scale + offset inside of [0, size)? Where it holds for
 * every origin it is no guard, and where one end cannot be passed only the other is tested.
 */
export interface Guard {
  readonly axis: 'y' | 'x';
  readonly offset: number;
  readonly scale: number;
  readonly size: number;
  readonly test: 'from-zero' | 'below-size' | 'both';
}

/** The guards that a load needs: none, one or two. */
export function loadGuards(program: Program, { dy, dx }: Load): readonly Guard[] {
  const { stride, input } = program;
  return guards(program, { y: dy, x: dx }, stride, { y: input.height, x: input.width });
}

/**
 * The same with one offset for all pixels along the line that are inside for the same tiles: that of the farthest one, so
 * that one test serves them all.
 */
export function commonGuards(program: Program, load: Load): readonly Guard[] {
  return loadGuards(program, load).map((guard) => commonGuard(guard, program.origins[guard.axis]));
}

function commonGuard(guard: Guard, { from, step }: Lattice): Guard {
  const { offset, scale, size, test } = guard;
  switch (test) {
    case 'both':
      return guard;
    case 'from-zero': {
      const first = from + Math.ceil((-offset / scale - from) / step) * step;
      return Object.freeze({ ...guard, offset: 0 - first * scale });
    }
    case 'below-size': {
      const last = from + Math.floor(((size - 1 - offset) / scale - from) / step) * step;
      return Object.freeze({ ...guard, offset: size - 1 - last * scale });
    }
    default:
      return test satisfies never;
  }
}

/** The guards that storing an output needs. */
export function storeGuards(program: Program, output: Point): readonly Guard[] {
  const { output: size } = program;
  return guards(program, output, 1, { y: size.height, x: size.width });
}

function guards(program: Program, at: Point, scale: number, sizes: Point): readonly Guard[] {
  return (['y', 'x'] as const).flatMap((axis) => {
    const offset = at[axis];
    const size = sizes[axis];
    const lattice = program.origins[axis];
    const low = lattice.from * scale + offset >= 0;
    const high = lastOf(lattice) * scale + offset < size;
    if (low && high) return [];
    const test = low ? 'below-size' : high ? 'from-zero' : 'both';
    return [Object.freeze({ axis, offset, scale, size, test } as const)];
  });
}
