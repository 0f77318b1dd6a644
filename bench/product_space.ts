import { defaultProductSchedule } from '../generator/operations/cpp/product/default.js';
import type { ProductParams } from '../generator/operations/cpp/product/params.js';
import { type ProductSchedule, productSchedule } from '../generator/operations/cpp/product/schedule.js';
import type { CpuTarget } from '../generator/target.js';
import type { ProductShape } from './product_shapes.js';

/** Rows and vectors of tiles that fill the registers: 32 of AVX-512, 16 of the others. */
const TILES: Readonly<Record<number, readonly (readonly [rows: number, vectors: number])[]>> = {
  32: [
    [14, 2],
    [9, 3],
    [6, 4],
  ],
  16: [
    [6, 2],
    [4, 3],
    [14, 1],
  ],
};

/** The default schedule first, then every legal one that differs from it in the tile or in one parameter. */
export function productSpace({ product, rows }: ProductShape, target: CpuTarget): readonly ProductSchedule[] {
  const usual = defaultProductSchedule(product, target, rows);
  const { tileRows, unitRows, unroll } = usual.params;
  const whole = (count: number, tile: number) => Math.ceil(Math.min(count, rows) / tile) * tile;
  const changes: readonly Partial<ProductParams>[] = [
    ...TILES[target.registers]!.map(([rowCount, tileVectors]) => ({
      ...{ tileRows: rowCount, tileVectors, unitPanels: 1 },
      unitRows: whole(unitRows, rowCount),
    })),
    ...[49, 196].map((count) => ({ unitRows: whole(count, tileRows) })),
    ...[0, 1, 2].map((ahead) => ({ ahead })),
    { unroll: 2 * unroll },
    { touch: 0 },
    { stage: 1 },
  ];
  const made = changes.map((change) => productSchedule(product, target, { ...usual.params, ...change }));
  const legal = [usual, ...made].filter((one) => one.kind === 'product-schedule');
  return [...new Map(legal.map((one) => [one.name, one])).values()];
}
