import type { Operation } from '../../generator/operations/operation.js';
import { stemConvolution } from '../../generator/operations/stem.js';
import { outputSize } from '../../generator/problem.js';

/** How many numbers an operation's arrays have: of each row of a row operation, of each image of any other. */
export interface Extents {
  readonly input: number;
  readonly output: number;
  /** Shapes of the parameters that it takes, null where it takes none. */
  readonly weight: readonly number[] | null;
  readonly bias: readonly number[] | null;
}

export function extentsOf(op: Operation): Extents {
  switch (op.kind) {
    case 'norm': {
      const parameters = op.affine ? [op.channels] : null;
      return { input: op.channels, output: op.channels, weight: parameters, bias: parameters };
    }
    case 'gelu':
      return { input: op.channels, output: op.channels, weight: null, bias: null };
    case 'patches': {
      const patches = Math.floor(op.height / op.side) * Math.floor(op.width / op.side);
      return {
        input: op.height * op.width * op.channels,
        output: patches * op.side ** 2 * op.channels,
        weight: null,
        bias: null,
      };
    }
    case 'stem': {
      const out = outputSize(stemConvolution(op));
      return {
        input: op.height * op.width * op.planes,
        output: out.height * out.width * op.channels,
        weight: [op.kernel + op.planes, op.channels],
        bias: [2, op.channels],
      };
    }
    case 'pool':
      return { input: op.pixels * op.channels, output: op.channels, weight: null, bias: null };
    case 'product':
      return { input: op.inner, output: op.outer, weight: [op.outer, op.inner], bias: [op.outer] };
    default:
      return op satisfies never;
  }
}
