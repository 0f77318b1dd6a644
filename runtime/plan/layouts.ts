import type { Operation } from '../../generator/operations/operation.js';
import type { Layout } from '../../generator/problem.js';

/** How an operation's maps lie in memory. Rows are those of a map [N,H,W,C]. */
export interface Layouts {
  readonly input: Layout;
  /** Where there is one. */
  readonly residual: Layout;
  readonly output: Layout;
}

const MAPS: Layouts = { input: 'nhwc', residual: 'nhwc', output: 'nhwc' };

export function layoutsOf(op: Operation): Layouts {
  switch (op.kind) {
    case 'norm':
      return op.planes ? { ...MAPS, [op.planes.of]: 'nchw' } : MAPS;
    case 'product':
      if (!op.planes) return MAPS;
      return { ...MAPS, residual: 'nchw', output: op.planes.of === 'output' ? 'nchw' : 'nhwc' };
    case 'patches':
      return { ...MAPS, input: op.layout };
    case 'stem':
      return { ...MAPS, input: 'nchw' };
    case 'gelu':
    case 'pool':
      return MAPS;
    default:
      return op satisfies never;
  }
}
