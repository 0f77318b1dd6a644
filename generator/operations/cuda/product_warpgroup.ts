import type { TensorMap } from '../../launch.js';
import { render, type TemplateData } from '../../template.js';
import { geluData } from '../gelu_data.js';
import { operationName, type Product } from '../operation.js';
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
].map((tile) => Object.freeze(tile));

/** Floats of a row of a piece: 128 bytes, within which the copy engine has chunks change places. */
const DEPTH = 32;
/** Rows that a warpgroup multiplies as one, and its threads. */
const HEIGHT = 64;
const THREADS = 128;
/** A block's, and as they are allotted to a thread: in eights. */
const REGISTERS = 65_536;
const ALLOTTED = 8;
/** What is enough for a thread that fetches, beside two warpgroups that multiply and beside more. */
const FETCHING = [40, 32] as const;

/** Whether {@link warpgroupProduct} does a product: of rows as they are, and of extents that are in its steps. */
export function isWarpgroupProduct({ inner, outer, normalize, gelu, residual }: Product): boolean {
  return !normalize && !(gelu !== null && residual) && inner % DEPTH === 0 && outer % 4 === 0;
}

/**
 * Emits a product by warpgroups, in TF32: templates/cuda/product_warpgroup.cu.hbs, for sm_90a alone. Its last arguments are tensor
 * maps of the input and of the weight.
 */
export function warpgroupProduct(op: Product, tile: WarpgroupTile): CudaOperation {
  const { inner, outer, gelu, residual } = op;
  const { rows, columns, groups, stages } = tile;
  const name = `${operationName(op)}_wgmma_r${rows}_c${columns}_g${groups}_s${stages}`;
  const threads = (groups + 1) * THREADS;
  const text = render('cuda/product_warpgroup.cu.hbs', {
    symbol: name,
    plain: isWarpgroupProduct(op),
    whole: isWhole(tile),
    ...geluData(gelu),
    ...{ inner, outer, residual, rows, columns, groups, stages, threads },
    depth: DEPTH,
    ...registersOf(groups),
    ...fragmentData(columns),
  });
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text,
    arch: 'sm_90a',
    sharedBytes: stages * (rows + columns) * DEPTH * Float32Array.BYTES_PER_ELEMENT,
    maps: { input: inputMap(inner, rows), weight: weightMap(inner, outer, columns) },
    launch: (count, multiprocessors) => {
      const tiles = Math.ceil(count / rows) * Math.ceil(outer / columns);
      return { blocks: Math.ceil(tiles / Math.ceil(tiles / multiprocessors)), threads };
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

function isWhole({ rows, columns, stages }: WarpgroupTile): boolean {
  return stages >= 2 && rows % HEIGHT === 0 && rows <= 256 && columns % 16 === 0 && columns <= 256;
}

/** Registers of a thread that fetches, and of one that multiplies. */
function registersOf(groups: number): TemplateData {
  const fetching = groups > 2 ? FETCHING[1] : FETCHING[0];
  const left = (REGISTERS / THREADS - fetching) / groups;
  return { fetching, multiplying: Math.floor(left / ALLOTTED) * ALLOTTED };
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
