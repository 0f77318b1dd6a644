import { PAPER_TABLE, type TableSpec } from '../bench/table5/cell.js';
import { kernelText } from '../generator/problem.js';
import type { BenchOptions } from './bench.js';
import type { Device } from './device.js';
import { CliError } from './errors.js';
import type { KernelSize } from './values.js';

/** Images in a batch: the paper's, and what a CPU does in time. */
const BATCHES: Readonly<Record<Device['kind'], number>> = { cpu: 1, cuda: 64 };

/** What a table is made of: the paper's, or the part of it that the options leave. On a CPU NHWC, unless told otherwise. */
export function tableSpec(
  { layout, size, kernels, channels, batch }: BenchOptions,
  kind: Device['kind'],
): TableSpec {
  const layouts = kind === 'cpu' ? (['nhwc'] as const) : PAPER_TABLE.layouts;
  return {
    ...PAPER_TABLE,
    layouts: layout === undefined ? layouts : [layout],
    batch: batch ?? BATCHES[kind],
    ...(size !== undefined && { sizes: [size.height] }),
    ...(kernels !== undefined && { kernels: kernels.map(lineLength) }),
    ...(channels !== undefined && { channels }),
  };
}

/** @throws CliError for layers that the table does not have */
export function assertTableOptions({ size, kernels }: BenchOptions): void {
  if (size !== undefined && size.height !== size.width)
    throw new CliError({
      code: 'table5-square',
      value: `${size.height}x${size.width}`,
      rule: 'layers of the table are as high as they are wide',
      remedy: `use for example --size ${size.height}x${size.height}`,
    });
  kernels?.forEach(lineLength);
}

function lineLength(size: KernelSize): number {
  if (size.filter === 'line') return size.kernel;
  throw new CliError({
    code: 'table5-lines',
    value: kernelText(size),
    rule: 'layers of the table are lines of K taps, not squares',
    remedy: 'use for example --kernels 7,31',
  });
}
