import { render } from '../../template.js';
import { geluData } from '../gelu_data.js';
import { operationName, type Product } from '../operation.js';
import { resultData } from './product_result.js';
import type { CudaOperation } from './source.js';

/** How a product is dealt out to blocks and warps. */
export interface TensorTile {
  /** Rows and columns of the result a block; a warp's part is of 16s by 16s. */
  readonly rows: number;
  readonly columns: number;
  /** Warps of a block, one below and one beside the other. */
  readonly down: number;
  readonly across: number;
  /** Pieces of both matrices, {@link DEPTH} columns each, that are in shared memory or on their way there. */
  readonly stages: number;
  /** Blocks a multiprocessor that registers must allow. */
  readonly resident: number;
}

/** From many rows to few; which is the fastest is measured where it is used. */
export const TENSOR_TILES: readonly TensorTile[] = [
  { rows: 256, columns: 96, down: 4, across: 2, stages: 3, resident: 1 },
  { rows: 128, columns: 96, down: 2, across: 2, stages: 3, resident: 2 },
  { rows: 128, columns: 64, down: 2, across: 2, stages: 4, resident: 2 },
  { rows: 64, columns: 64, down: 2, across: 2, stages: 4, resident: 3 },
].map((tile) => Object.freeze(tile));

/** Floats of a row of a piece: 128 bytes, within which chunks change places. */
export const DEPTH = 32;
const CHUNKS = DEPTH / 4;
const WARP = 32;

/** Whether {@link tensorProduct} does a product: of rows as they are, and of extents that are in its steps. */
export function isTensorProduct({ inner, outer, normalize, gelu, residual }: Product): boolean {
  return !normalize && !(gelu !== null && residual) && inner % DEPTH === 0 && outer % 2 === 0;
}

/**
 * Whether warps' parts are whole, and each thread stages as many chunks, of which a row has {@link CHUNKS}, all in one place of
 * rows that are whole eights apart; and whether there is a stage to fill while another is used.
 */
function isWhole({ rows, columns, down, across, stages }: TensorTile): boolean {
  if (stages < 2) return false;
  const apart = (down * across * WARP) / CHUNKS;
  const [high, wide] = [16 * down, 16 * across];
  return (
    apart % CHUNKS === 0 &&
    [high, apart].every((step) => rows % step === 0) &&
    [wide, apart].every((step) => columns % step === 0)
  );
}

/** Emits a product by tensor cores, a warp at a time, in TF32, GELU in its exact form, too: templates/cuda/product_tf32.cu.hbs, for sm_80 and later. */
export function tensorProduct(op: Product, tile: TensorTile): CudaOperation {
  const { inner, outer, gelu } = op;
  const { rows, columns, down, across, stages, resident } = tile;
  const name = `${operationName(op)}_tf32_r${rows}_c${columns}_d${down}_a${across}_s${stages}`;
  const threads = down * across * WARP;
  const text = render('cuda/product_tf32.cu.hbs', {
    symbol: name,
    plain: isTensorProduct(op),
    whole: isWhole(tile),
    ...geluData(gelu),
    ...resultData(op),
    ...{ inner, outer, rows, columns, down, across, stages, threads, resident },
    depth: DEPTH,
  });
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text,
    sharedBytes: stages * (rows + columns) * DEPTH * Float32Array.BYTES_PER_ELEMENT,
    launch: (count) => ({ blocks: Math.ceil(count / rows) * Math.ceil(outer / columns), threads }),
  });
}
