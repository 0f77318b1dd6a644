import type { Layout, Op } from '../generator/problem.js';
import type { SourceOptions } from './conv_source.js';
import { CliError } from './errors.js';
import type { KernelSize } from './values.js';

/** What commander makes of the options of `conv`. */
export interface ConvOptions extends SourceOptions {
  readonly op: Op;
  readonly angle?: number;
  readonly angles?: readonly number[];
  readonly stride?: number;
  readonly output: string;
  readonly layout: Layout;
  readonly dtype: 'f32';
  readonly target: string;
  readonly threads?: number;
}

/** The part of a problem that every operation is told alike. @throws CliError without a direction, which only squares do without */
export function commonOf(
  { op, dtype, stride = 1, angle, angles }: ConvOptions,
  { filter, kernel }: KernelSize,
) {
  const given = angles ?? (angle === undefined ? undefined : [angle]);
  return { op, dtype, stride, filter, kernel, angles: given ?? (filter === 'square' ? [] : noDirection()) };
}

function noDirection(): never {
  throw new CliError({
    code: 'angle-missing',
    value: '--angle',
    rule: 'a convolution needs a direction',
    remedy:
      'add --angle DEG for all channels, or --angles for groups of channels; or give weights [C,K,K] of square filters',
  });
}
