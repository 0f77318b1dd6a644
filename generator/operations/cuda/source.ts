import type { Grid, TensorMap } from '../../launch.js';
import { type Operation, operationName, type Stem } from '../operation.js';
import { geluGrid, geluText } from './gelu.js';
import { normGrid, normText } from './norm.js';
import { patchesGrid, patchesText } from './patches.js';
import { poolGrid, poolText } from './pool.js';
import { productGrid, productText } from './product.js';
import { stemOperation } from './stem.js';

/** An operation's CUDA kernel, for every architecture whose blocks can have its shared memory; from sm_80 on if it is in TF32. */
export interface CudaOperation {
  readonly kind: 'cuda-operation';
  /**
   * The operation's, with what else there was to choose, and the kernel's symbol. The kernel takes addresses of the input, of
   * weight and bias if the operation has them, of the residual if there is one, and of the output; then the count, and then the
   * maps, if there are any. All arrays begin at a multiple of 16 bytes.
   */
  readonly name: string;
  readonly text: string;
  /** The only architecture that it is for, `sm_90a`; any unless given. */
  readonly arch?: string;
  /** Dynamic shared memory a block. */
  readonly sharedBytes: number;
  /** Tensor maps of the input, whose last dimension is the count, and of the weight, whose last is 1. */
  readonly maps?: { readonly input: TensorMap; readonly weight: TensorMap };
  /** The grid for so many rows, or images, on a GPU of so many multiprocessors. */
  launch(count: number, multiprocessors: number): Grid;
}

/**
 * Emits the kernel of an operation. The same operation gives the same text, in the same room.
 * @param room bytes of shared memory that a block can have; any number unless given
 * @throws ProblemError for a fused product, and for a stem that has no room
 */
export function cudaOperation(op: Operation, room = Number.POSITIVE_INFINITY): CudaOperation {
  if (op.kind === 'stem') return stemOperation(op, room);
  const name = operationName(op);
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text: textOf(op, name),
    sharedBytes: 0,
    launch: (count) => gridOf(op, count),
  });
}

/** All that has no more to choose than its name says. */
type Plain = Exclude<Operation, Stem>;

function textOf(op: Plain, symbol: string): string {
  switch (op.kind) {
    case 'norm':
      return normText(op, symbol);
    case 'gelu':
      return geluText(op, symbol);
    case 'patches':
      return patchesText(op, symbol);
    case 'pool':
      return poolText(op, symbol);
    case 'product':
      return productText(op, symbol);
    default:
      return op satisfies never;
  }
}

function gridOf(op: Plain, count: number): Grid {
  switch (op.kind) {
    case 'norm':
      return normGrid(op, count);
    case 'gelu':
      return geluGrid(op, count);
    case 'patches':
      return patchesGrid(op, count);
    case 'pool':
      return poolGrid(op, count);
    case 'product':
      return productGrid(op, count);
    default:
      return op satisfies never;
  }
}
