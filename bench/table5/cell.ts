import {
  type DType,
  LAYOUTS,
  type Layout,
  type Op,
  PAPER_ANGLES,
  type Problem,
  problem,
} from '../../generator/problem.js';
import type { TableAngle } from './angles.js';

/** A column of the table in one layout and type: layers that differ in their angles only, and are timed side by side. */
export interface Cell {
  readonly kind: 'cell';
  readonly layout: Layout;
  readonly dtype: DType;
  /** Height and width. */
  readonly size: number;
  readonly kernel: number;
  readonly batch: number;
  readonly channels: number;
}

/** A row of ours: one angle, or all eight spread over the channels. */
export interface TableLayer {
  readonly label: string;
  readonly angles: readonly number[];
}

/** What tables are made of; small ones are for tests. */
export interface TableSpec {
  readonly layouts: readonly Layout[];
  readonly dtypes: readonly DType[];
  readonly sizes: readonly number[];
  readonly kernels: readonly number[];
  readonly batch: number;
  readonly channels: number;
}

/** The paper's, but for the batch. */
export const PAPER_TABLE: Omit<TableSpec, 'batch'> = Object.freeze({
  layouts: LAYOUTS,
  dtypes: ['f32'] as const,
  sizes: [14, 28, 56],
  kernels: [7, 31],
  channels: 512,
});

/** Layout by layout, in the order of the paper's columns. */
export function cells({ layouts, dtypes, sizes, kernels, batch, channels }: TableSpec): readonly Cell[] {
  return layouts.flatMap((layout) =>
    dtypes.flatMap((dtype) =>
      sizes.flatMap((size) =>
        kernels.map((kernel) =>
          Object.freeze<Cell>({ kind: 'cell', layout, dtype, size, kernel, batch, channels }),
        ),
      ),
    ),
  );
}

/** The angles each alone, then all of them in one layer. */
export function tableLayers(angles: readonly TableAngle[]): readonly TableLayer[] {
  return [
    ...angles.map(({ label, angle }) => ({ label, angles: [angle] })),
    { label: `all ${angles.length}`, angles: angles.map(({ angle }) => angle) },
  ];
}

/** An operation of a layer of a cell. @param angles the paper's unless given */
export function cellProblem(cell: Cell, op: Op, angles: readonly number[] = PAPER_ANGLES): Problem {
  const { layout, dtype, size, kernel, batch, channels } = cell;
  return problem({ op, layout, dtype, height: size, width: size, kernel, angles, batch, channels });
}

/** `nhwc 56x56 K=31`. */
export function cellName({
  layout,
  dtype,
  size,
  kernel,
}: Pick<Cell, 'layout' | 'dtype' | 'size' | 'kernel'>): string {
  return `${layout}${dtype === 'f32' ? '' : ` ${dtype}`} ${size}x${size} K=${kernel}`;
}
