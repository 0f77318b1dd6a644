import { render, type TemplateData } from '../../../template.js';
import { chunked } from '../../../text.js';
import { geluData } from '../../gelu_data.js';
import { normRowData } from '../row.js';
import type { ProductParams } from './params.js';
import { type ProductPlan, productPlan } from './plan.js';
import type { ProductSchedule } from './schedule.js';

/** A product's kernel: what is compiled. */
export interface ProductSource {
  readonly kind: 'product-source';
  /** The exported table, an `O1dOperation` of runtime/native/oriented1d_kernel.h. */
  readonly name: string;
  readonly text: string;
}

/** Emits the kernel of a legal schedule. The same schedule gives the same text. */
export function productSource(schedule: ProductSchedule): ProductSource {
  const { name } = schedule;
  return Object.freeze({ kind: 'product-source', name, text: productText(schedule, name) });
}

/** Fills templates/cpp/product.cpp.hbs. */
export function productText(schedule: ProductSchedule, symbol: string): string {
  const { product, params, target } = schedule;
  const { inner, outer, normalize, gelu, residual } = product;
  const plan = productPlan(product, params, target);
  return render('cpp/product.cpp.hbs', {
    ...normRowData(inner, target),
    ...plan,
    ...tileData(schedule),
    symbol,
    outer,
    normalize,
    ...geluData(gelu),
    residual,
    vector: target.lanes,
    unroll: params.unroll,
    unitRows: params.unitRows,
    unitPanels: params.unitPanels,
    ahead: params.ahead > 0,
    aheadCount: params.ahead,
    aheadLines: Array.from({ length: params.ahead }, (_, line) => line),
    touch: params.touch === 1,
    staged: params.stage === 1,
    scratchFloats: scratchFloats(params, plan),
    padded: plan.depth > inner,
    ragged: plan.last < plan.width,
    even: plan.groups * params.unitPanels === plan.panels,
  });
}

/** Staged rows, and those of a last panel that is not full. */
function scratchFloats({ stage }: ProductParams, { last, width }: ProductPlan): string {
  const parts = [
    ...(stage === 1 ? ['UNIT_ROWS * PITCH'] : []),
    ...(last < width ? ['TILE_ROWS * WIDTH'] : []),
  ];
  return parts.length > 0 ? parts.join(' + ') : '0';
}

/** The straight-line lines of a tile, a row of sums each. */
function tileData({ params, target: { lanes } }: ProductSchedule): TemplateData {
  const { tileRows, tileVectors } = params;
  const vectors = Array.from({ length: tileVectors }, (_, n) => n);
  const at = (n: number) => (n === 0 ? '' : ` + ${n * lanes}`);
  const line = (row: number, gap: string, text: (sum: string, n: number) => string) =>
    vectors.map((n) => text(`a${row}_${n}`, n)).join(gap);
  const first = vectors.map((n) => `a0_${n} = load<${lanes}>(w${at(n)})`).join(', ');
  const counts = Array.from({ length: tileRows }, (_, row) => `tile<${row + 1}>`);
  return {
    tileRows,
    tiles: chunked(counts, 10, ', ').join(',\n    '),
    weights: vectors.map((n) => `w${n} = load<${lanes}>(w${at(n)})`).join(', '),
    first,
    rows: Array.from({ length: tileRows }, (_, row) => ({
      row,
      begun: row > 0,
      sums: line(row, ', ', (sum, n) => `${sum} = a0_${n}`),
      multiply: line(row, '  ', (sum, n) => `${sum} += v * w${n};`),
      put: line(row, '  ', (sum, n) => `put(${row}, ${n * lanes}, ${sum});`),
    })),
  };
}
