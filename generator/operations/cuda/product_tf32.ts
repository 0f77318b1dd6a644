import { render, type TemplateData } from '../../template.js';
import { geluData } from '../gelu_data.js';
import { operationName, type Product } from '../operation.js';
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
  /** Whether four warps multiply as one, each 16 of their rows by all columns, which is sm_90a's alone. */
  readonly warpgroup: boolean;
}

/** From many rows to few; which is the fastest is measured where it is used. */
export const TENSOR_TILES: readonly TensorTile[] = [
  { rows: 256, columns: 128, down: 16, across: 1, stages: 3, resident: 1, warpgroup: true },
  { rows: 128, columns: 192, down: 8, across: 1, stages: 4, resident: 1, warpgroup: true },
  { rows: 128, columns: 128, down: 8, across: 1, stages: 3, resident: 2, warpgroup: true },
  { rows: 256, columns: 96, down: 4, across: 2, stages: 3, resident: 1, warpgroup: false },
  { rows: 128, columns: 96, down: 2, across: 2, stages: 3, resident: 2, warpgroup: false },
  { rows: 128, columns: 64, down: 2, across: 2, stages: 4, resident: 2, warpgroup: false },
  { rows: 64, columns: 64, down: 2, across: 2, stages: 4, resident: 3, warpgroup: false },
].map((tile) => Object.freeze(tile));

const DEPTH = 32;
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
function isWhole({ rows, columns, down, across, stages, warpgroup }: TensorTile): boolean {
  if (stages < 2) return false;
  if (warpgroup && (rows !== 16 * down || across !== 1 || rows % 64 !== 0 || columns > 256)) return false;
  const apart = (down * across * WARP) / CHUNKS;
  const [high, wide] = [16 * down, 16 * across];
  return (
    apart % CHUNKS === 0 &&
    [high, apart].every((step) => rows % step === 0) &&
    [wide, apart].every((step) => columns % step === 0)
  );
}

/** What templates/cuda/partials/warpgroup.hbs prints: operands of an instruction, four a fragment, and then the matrices. */
function fragmentData(columns: number): TemplateData {
  const wide = columns / 8;
  const fragments = Array.from({ length: wide }, (_, i) => ({
    ...{ i, a: 4 * i, b: 4 * i + 1, c: 4 * i + 2, d: 4 * i + 3 },
    comma: i < wide - 1 ? ',' : '',
  }));
  return { wide, fragments, x: 4 * wide, w: 4 * wide + 1 };
}

/** Emits a product by tensor cores, in TF32, GELU in its exact form, too: templates/cuda/product_tf32.cu.hbs, for sm_80 and later. */
export function tensorProduct(op: Product, tile: TensorTile): CudaOperation {
  const { inner, outer, gelu, residual } = op;
  const { rows, columns, down, across, stages, resident, warpgroup } = tile;
  const name = `${operationName(op)}_tf32_r${rows}_c${columns}_d${down}_a${across}_s${stages}_g${+warpgroup}`;
  const threads = down * across * WARP;
  const text = render('cuda/product_tf32.cu.hbs', {
    symbol: name,
    plain: isTensorProduct(op),
    whole: isWhole(tile),
    ...geluData(gelu),
    ...{ inner, outer, residual, rows, columns, down, across, stages, threads, resident, warpgroup },
    depth: DEPTH,
    ...fragmentData(columns),
  });
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text,
    ...(warpgroup && { arch: 'sm_90a' }),
    sharedBytes: stages * (rows + columns) * DEPTH * Float32Array.BYTES_PER_ELEMENT,
    launch: (count) => ({ blocks: Math.ceil(count / rows) * Math.ceil(outer / columns), threads }),
  });
}
