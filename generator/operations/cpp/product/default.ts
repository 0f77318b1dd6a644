import { ProblemError } from '../../../errors.js';
import type { CpuTarget } from '../../../target.js';
import { operationName, type Product } from '../../operation.js';
import type { ProductParams } from './params.js';
import { type ProductRefusal, type ProductSchedule, productSchedule } from './schedule.js';

/**
 * Rows a unit, about. Fewer read the weights too often; with more, staged rows and a panel leave the L2 cache: 196 rows of 1536
 * are a tenth slower than twice 98.
 */
const UNIT_ROWS = 98;
/** Weights of so many bytes stay in a core's L2 cache, beside rows and results, from one unit to the next. */
const CACHED_BYTES = 1 << 18;
/** A panel that is larger leaves no room in the L2 cache for the next one, beside the rows. */
const PANEL_BYTES = 1 << 19;
/** Units side by side where rows are normalised, which a thread does again whenever it is handed a piece of work. */
const GROUPS = 8;
/** Steps a turn: two or eight are within the spread of a measurement, one is slower. */
const UNROLL = 4;
/** Rows that a tile needs for its sums to hide the latency of a multiply-add, whatever the registers. */
const MOST_ROWS = 14;

/**
 * The schedule that measurements chose; see bench/results/cpu_products.json. Forms of tiles are within a few per cent of one
 * another as long as they fill the registers; what counts is that weights which come from memory are fetched ahead.
 * @param rows how many there will be, if that is known; few rows are one unit
 * @throws ProblemError if not even a tile's rows fit into the caches
 */
export function defaultProductSchedule(product: Product, target: CpuTarget, rows?: number): ProductSchedule {
  const made = productSchedule(product, target, defaultParams(product, target, rows));
  if (made.kind === 'product-refusal') throw unfit(product, made);
  return made;
}

function defaultParams(
  { inner, outer, normalize }: Product,
  target: CpuTarget,
  rows = UNIT_ROWS,
): ProductParams {
  const { lanes, registers } = target;
  const most = registers >= 32 && 3 * 4 * lanes * inner <= PANEL_BYTES ? 3 : 2;
  const tileVectors = Math.min(most, Math.ceil(outer / lanes));
  const tileRows = Math.min(MOST_ROWS, Math.floor((registers - 1) / tileVectors) - 1);
  const tiles = Math.ceil(Math.min(rows, UNIT_ROWS) / tileRows);
  const panels = Math.ceil(outer / (tileVectors * lanes));
  const streamed = 4 * inner * outer > CACHED_BYTES;
  return {
    tileRows,
    tileVectors,
    unroll: UNROLL,
    unitRows: unitRows(inner, tileRows, target),
    unitPanels: streamed ? Math.ceil(panels / (normalize ? GROUPS : panels)) : panels,
    // A panel has as many lines as steps times vectors, and every tile walks over all of its steps.
    ahead: streamed ? Math.min(4, Math.ceil((tileVectors * UNROLL) / tiles)) : 0,
    touch: 1,
    stage: normalize || inner % UNROLL > 0 ? 1 : 0,
  };
}

/** Whole tiles, and no more than the caches hold. */
function unitRows(inner: number, tileRows: number, { slabBytes }: CpuTarget): number {
  const tiles = Math.floor(slabBytes / 2 / (4 * (inner + 32)) / tileRows);
  return tileRows * Math.max(1, Math.min(Math.ceil(UNIT_ROWS / tileRows), tiles));
}

function unfit(product: Product, { reason }: ProductRefusal): ProblemError {
  return new ProblemError({
    code: 'product-size',
    value: operationName(product),
    rule: `no kernel for such a product: ${reason}`,
    remedy: 'use fewer channels',
  });
}
