import type { Grid } from '../../launch.js';
import { type Operation, operationName } from '../operation.js';
import { geluGrid, geluText } from './gelu.js';
import { normGrid, normText } from './norm.js';
import { patchesGrid, patchesText } from './patches.js';
import { poolGrid, poolText } from './pool.js';
import { productGrid, productText } from './product.js';
import { stemGrid, stemSharedBytes, stemText } from './stem.js';

/** An operation's CUDA kernel, for every architecture. */
export interface CudaOperation {
  readonly kind: 'cuda-operation';
  /**
   * The operation's, and the kernel's symbol. The kernel takes addresses of the input, of weight and bias if the operation has
   * them, of the residual if there is one, and of the output; then the count. All arrays begin at a multiple of 16 bytes.
   */
  readonly name: string;
  readonly text: string;
  /** The only architecture that it is for, `sm_90a`; any unless given. */
  readonly arch?: string;
  /** Dynamic shared memory a block. */
  readonly sharedBytes: number;
  /** The grid for so many rows, or images. */
  launch(count: number): Grid;
}

/** Emits the kernel of an operation. The same operation gives the same text. @throws ProblemError for a fused product */
export function cudaOperation(op: Operation): CudaOperation {
  const name = operationName(op);
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text: textOf(op, name),
    sharedBytes: op.kind === 'stem' ? stemSharedBytes(op) : 0,
    launch: (count) => gridOf(op, count),
  });
}

function textOf(op: Operation, symbol: string): string {
  switch (op.kind) {
    case 'norm':
      return normText(op, symbol);
    case 'gelu':
      return geluText(op, symbol);
    case 'patches':
      return patchesText(op, symbol);
    case 'stem':
      return stemText(op, symbol);
    case 'pool':
      return poolText(op, symbol);
    case 'product':
      return productText(op, symbol);
    default:
      return op satisfies never;
  }
}

function gridOf(op: Operation, count: number): Grid {
  switch (op.kind) {
    case 'norm':
      return normGrid(op, count);
    case 'gelu':
      return geluGrid(op, count);
    case 'patches':
      return patchesGrid(op, count);
    case 'stem':
      return stemGrid(op, count);
    case 'pool':
      return poolGrid(op, count);
    case 'product':
      return productGrid(op, count);
    default:
      return op satisfies never;
  }
}
