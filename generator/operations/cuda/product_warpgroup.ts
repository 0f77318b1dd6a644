import { evenPart } from '../../even_part.js';
import type { TensorMap } from '../../launch.js';
import { render, type TemplateData } from '../../template.js';
import { geluData } from '../gelu_data.js';
import { operationName, type Product } from '../operation.js';
import { resultData } from './product_result.js';
import { DEPTH, isTensorProduct } from './product_tf32.js';
import type { CudaOperation } from './source.js';

/** How a product is dealt out to warpgroups, which multiply as one. */
export interface WarpgroupTile {
  /** Rows and columns of the result that a warpgroup computes at a time. */
  readonly rows: number;
  readonly columns: number;
  /** Warpgroups of a block that take turns; one more fetches. */
  readonly groups: number;
  /** Pieces of both matrices, {@link DEPTH} columns each, that are in shared memory or on their way there. */
  readonly stages: number;
}

/** Which is the fastest is measured where it is used. */
export const WARPGROUP_TILES: readonly WarpgroupTile[] = [
  { rows: 128, columns: 192, groups: 2, stages: 4 },
  { rows: 128, columns: 128, groups: 2, stages: 6 },
  { rows: 64, columns: 192, groups: 3, stages: 6 },
  { rows: 128, columns: 96, groups: 2, stages: 6 },
  { rows: 192, columns: 96, groups: 2, stages: 6 },
].map((tile) => Object.freeze(tile));

/** Rows that a warpgroup multiplies as one, and its threads. */
const HEIGHT = 64;
const THREADS = 128;
/** Sides of a box at most. */
const SIDE = 256;
/**
 * Registers of a thread that multiplies and of one that fetches, by how many warpgroups multiply: together as many as a block of so many threads
 * begins with, which are all that a multiprocessor has.
 */
const REGISTERS: ReadonlyMap<number, TemplateData> = new Map([
  [2, { multiplying: 232, fetching: 40 }],
  [3, { multiplying: 160, fetching: 32 }],
]);
const BARRIER = 8;

/** Whether {@link warpgroupProduct} does a product: one of {@link isTensorProduct} whose columns are in fours. */
export function isWarpgroupProduct(product: Product): boolean {
  return isTensorProduct(product) && product.outer % 4 === 0;
}

/**
 * Emits a product by warpgroups, in TF32: templates/cuda/product_warpgroup.cu.hbs, for sm_90a alone. Its last arguments are tensor
 * maps of the input and of the weight.
 */
export function warpgroupProduct(op: Product, tile: WarpgroupTile): CudaOperation {
  const { inner, outer, gelu } = op;
  const { rows, columns, groups, stages } = tile;
  const name = `${operationName(op)}_wgmma_r${rows}_c${columns}_g${groups}_s${stages}`;
  const threads = (groups + 1) * THREADS;
  const text = render('cuda/product_warpgroup.cu.hbs', {
    symbol: name,
    plain: isWarpgroupProduct(op),
    whole: isWhole(tile),
    ...geluData(gelu),
    ...resultData(op),
    ...{ inner, outer, rows, columns, groups, stages, threads },
    depth: DEPTH,
    ...REGISTERS.get(groups),
    ...fragmentData(columns),
  });
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text,
    arch: 'sm_90a',
    sharedBytes:
      stages * (rows + columns) * DEPTH * Float32Array.BYTES_PER_ELEMENT + BARRIER * (2 * stages + groups),
    maps: { input: inputMap(inner, rows), weight: weightMap(inner, outer, columns) },
    launch: (count, multiprocessors) => {
      const tiles = Math.ceil(count / rows) * Math.ceil(outer / columns);
      return { blocks: evenPart(tiles, multiprocessors), threads };
    },
  });
}

/** Rows are what a launch counts. */
function inputMap(inner: number, rows: number): TensorMap {
  return Object.freeze({
    kind: 'tensor-map',
    sizes: [inner, 1, 1],
    box: [DEPTH, 1, 1, rows],
    swizzled: true,
  });
}

/** Rows in fours, of which half a tile has the first two or the last two. */
function weightMap(inner: number, outer: number, columns: number): TensorMap {
  const box = [DEPTH, 2, columns / 4, 1];
  return Object.freeze({ kind: 'tensor-map', sizes: [inner, 4, outer / 4], box, swizzled: true });
}

function isWhole({ rows, columns, groups, stages }: WarpgroupTile): boolean {
  if (stages < 2 || !REGISTERS.has(groups)) return false;
  return rows % HEIGHT === 0 && rows <= SIDE && columns % 16 === 0 && columns <= SIDE;
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
