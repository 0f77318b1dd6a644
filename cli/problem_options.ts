import { type Command, Option } from 'commander';
import {
  DTYPES,
  type DType,
  type Extent,
  LAYOUTS,
  type Layout,
  OPS,
  type Op,
  type Problem,
  problem,
} from '../generator/problem.js';
import { CliError } from './errors.js';
import { degrees, degreesList, extent, kernel, whole } from './values.js';

/** The options that say what a convolution is, each made anew for the command that asks. */
export const problemOption = Object.freeze({
  op: () => new Option('--op <op>', 'operation').choices(OPS).default('fprop'),
  layout: () => new Option('--layout <layout>', 'order of the dimensions').choices(LAYOUTS),
  dtype: () => new Option('--dtype <type>', 'element type').choices(DTYPES).default('f32'),
  size: () => new Option('--size <HxW>', 'input height and width, in pixels').argParser(extent),
  stride: () =>
    new Option('--stride <S>', 'stride in both directions').argParser(whole('the stride')).default(1),
  kernel: () => new Option('--kernel <K>', 'number of taps, odd').argParser(kernel),
  angle: () => new Option('--angle <degrees>', 'direction, in degrees').argParser(degrees),
  angles: () =>
    new Option('--angles <list>', 'directions in degrees, in equal groups over the channels').argParser(
      degreesList,
    ),
  batch: () => new Option('--batch <N>', 'images in a batch').argParser(whole('the batch')).default(1),
  channels: () =>
    new Option('--channels <C>', 'channels').argParser(whole('the number of channels')).default(1),
});

/** What commander makes of {@link addProblemOptions}. */
export interface ProblemOptions {
  readonly op: Op;
  readonly layout: Layout;
  readonly dtype: DType;
  readonly size?: Extent;
  readonly stride: number;
  readonly kernel?: number;
  readonly angles?: readonly number[];
  readonly batch: number;
  readonly channels: number;
}

/** Adds PROBLEM to a command that is told its whole problem on the command line. */
export function addProblemOptions(command: Command): void {
  const { op, layout, dtype, size, stride, kernel, angles, batch, channels } = problemOption;
  const made = [
    op(),
    layout().default('nhwc'),
    dtype(),
    size(),
    kernel(),
    angles(),
    stride(),
    batch(),
    channels(),
  ];
  for (const option of made) command.addOption(option);
}

/**
 * The problem, or undefined where neither size, kernel nor angles were given (the command then takes its own list).
 * @throws CliError if one of the three is missing, ProblemError
 */
export function problemFrom({ size, kernel, angles, ...rest }: ProblemOptions): Problem | undefined {
  if (!size && kernel === undefined && !angles) return undefined;
  return problem({
    ...rest,
    ...(size ?? missing('--size', '56x56')),
    kernel: kernel ?? missing('--kernel', '31'),
    angles: angles ?? missing('--angles', '0,22.5,45,67.5,90,112.5,135,157.5'),
  });
}

/** The flags that {@link problemFrom} reads a problem from. */
export function problemFlags(p: Problem): string {
  return [
    `--op ${p.op} --layout ${p.layout} --dtype ${p.dtype} --size ${p.height}x${p.width} --kernel ${p.kernel}`,
    `--angles=${p.angles.join(',')} --stride ${p.stride} --batch ${p.batch} --channels ${p.channels}`,
  ].join(' ');
}

function missing(flag: string, example: string): never {
  throw new CliError({
    code: 'problem-incomplete',
    value: flag,
    rule: 'a problem needs --size, --kernel and --angles',
    remedy: `add for example ${flag} ${example}`,
  });
}
