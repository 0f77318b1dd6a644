import type { Layout, Op } from '../generator/problem.js';
import type { SourceOptions } from './conv_source.js';
import { CliError } from './errors.js';

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

/** The part of a problem that every operation is told alike. @throws CliError without a direction */
export function commonOf({ op, dtype, stride = 1, angle, angles }: ConvOptions) {
  return { op, dtype, stride, angles: angles ?? (angle === undefined ? noDirection() : [angle]) };
}

function noDirection(): never {
  throw new CliError({
    code: 'angle-missing',
    value: '--angle',
    rule: 'a convolution needs a direction',
    remedy: 'add --angle DEG for all channels, or --angles for groups of channels',
  });
}
