import { type Command, Option } from 'commander';
import { problemName } from '../generator/name.js';
import {
  DTYPES,
  type DType,
  type Extent,
  kernelText,
  LAYOUTS,
  type Layout,
  OPS,
  type Op,
  type Problem,
  problem,
} from '../generator/problem.js';
import { computedAs } from '../generator/transpose.js';
import { CliError } from './errors.js';
import { type Asked, areModels, namedProblems } from './named_problems.js';
import type { Ui } from './ui.js';
import { degrees, degreesList, extent, type KernelSize, kernelSize, whole } from './values.js';
import { counted } from './words.js';

/** The options that say what a convolution is, each made anew for the command that asks. */
export const problemOption = Object.freeze({
  op: () => new Option('--op <op>', 'operation, fprop unless given').choices(OPS),
  layout: () =>
    new Option('--layout <layout>', 'order of the dimensions, nhwc unless given').choices(LAYOUTS),
  dtype: () => new Option('--dtype <type>', 'element type, f32 unless given').choices(DTYPES),
  size: () => new Option('--size <HxW>', 'input height and width, in pixels').argParser(extent),
  stride: () =>
    new Option('--stride <S>', 'stride in both directions, 1 unless given').argParser(whole('the stride')),
  kernel: () =>
    new Option('--kernel <K>', 'number of taps, odd, or KxK for square filters').argParser(kernelSize),
  angle: () => new Option('--angle <degrees>', 'direction, in degrees').argParser(degrees),
  angles: () =>
    new Option('--angles <list>', 'directions in degrees, in equal groups over the channels').argParser(
      degreesList,
    ),
  image: () =>
    new Option('--image <HxW>', "height and width of a model's images, 224x224 unless given").argParser(
      extent,
    ),
  batch: () => new Option('--batch <N>', 'images in a batch').argParser(whole('the batch')).default(1),
  channels: () =>
    new Option('--channels <C>', 'channels, 1 unless given').argParser(whole('the number of channels')),
});

/** What commander makes of {@link addProblemOptions}. */
export interface ProblemOptions {
  readonly op?: Op;
  readonly layout?: Layout;
  readonly dtype?: DType;
  readonly size?: Extent;
  readonly stride?: number;
  readonly kernel?: KernelSize;
  readonly angles?: readonly number[];
  readonly image?: Extent;
  readonly batch: number;
  readonly channels?: number;
}

/** Adds PROBLEM to a command that is told its whole problem on the command line. */
export function addProblemOptions(command: Command): void {
  const { op, layout, dtype, size, stride, kernel, angles, image, batch, channels } = problemOption;
  const made = [op(), layout(), dtype(), size(), kernel(), angles(), stride(), batch(), channels(), image()];
  for (const option of made) command.addOption(option);
}

/**
 * The problems of presets and files, each once, or the one that the options describe. Presets take nothing but the batch
 * and the operation from them; those of models their layout and the size of images, too. What a file's problem says of
 * itself stays.
 * @param note is told of options that such problems do not follow
 * @throws CliError, ProblemError, TunerError for an unknown preset
 */
export function askedProblems(
  options: ProblemOptions,
  names: readonly string[],
  note: Asked['note'] = () => {},
): readonly Problem[] {
  if (names.length > 0) {
    const others: readonly (keyof ProblemOptions)[] = areModels(names)
      ? OWN.filter((name) => name !== 'layout')
      : [...OWN, 'image'];
    assertPresetsAlone(options, others);
    const { op, batch } = options;
    // A batch of 1 is what it is without the option.
    return distinct(namedProblems(names, options, { op, batch: batch === 1 ? undefined : batch, note }));
  }
  if (options.image !== undefined) throw imageless();
  const single = problemFrom(options);
  return single ? [single] : [];
}

/** @throws CliError if an option describes a problem beside presets, which have their own */
export function assertPresetsAlone<T extends object>(
  options: T,
  describing: readonly (keyof T & string)[],
): void {
  const given = describing.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new CliError({
    code: 'preset-described',
    value: `--${given}`,
    rule: 'a preset has its own problems, and takes none of the options that describe one but --batch and --op (of a model: --image and --layout, too)',
    remedy: `leave --${given} out, or name no preset`,
  });
}

/** The problems whose kernels compute these, each once; says so of a problem that is computed as another. */
export function computedProblems(problems: readonly Problem[], ui: Ui): readonly Problem[] {
  for (const one of problems) {
    const name = problemName(computedAs(one));
    if (name !== problemName(one))
      ui.note(`${problemName(one)} is computed as ${name}, with reversed weights`);
  }
  return distinct(problems.map(computedAs));
}

/** Each problem once, where it came first. */
export function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((one) => [problemName(one), one])).values()];
}

/** The options that describe a layer; presets have their own. */
const OWN = ['layout', 'dtype', 'size', 'kernel', 'angles', 'stride', 'channels'] as const;
/** The options that describe a problem. */
const DESCRIBING = ['op', ...OWN] as const;

/**
 * The problem, or undefined where nothing but a batch was given (the command then takes its own list).
 * @throws CliError if size, kernel or a line's angles are missing, or an angle gets no channel; ProblemError
 */
export function problemFrom(options: ProblemOptions): Problem | undefined {
  if (DESCRIBING.every((name) => options[name] === undefined)) return undefined;
  const { size, kernel, angles, ...rest } = options;
  const made = problem({
    ...rest,
    ...(size ?? missing('--size', '56x56')),
    ...(kernel ?? missing('--kernel', '31')),
    angles:
      angles ?? (kernel?.filter === 'square' ? [] : missing('--angles', '0,22.5,45,67.5,90,112.5,135,157.5')),
  });
  requireChannels(made);
  return made;
}

/** @throws CliError if an angle gets no channel */
export function requireChannels({ angles, channels }: Problem): void {
  if (angles.length <= channels) return;
  throw new CliError({
    code: 'angles-channels',
    value: angles.join(','),
    rule: `${angles.length} angles are spread over the channels, and ${counted(channels, 'channel')} cannot hold them all`,
    remedy: 'give fewer angles, or more channels',
  });
}

/** The flags that {@link problemFrom} reads a problem from. */
export function problemFlags(p: Problem): string {
  return [
    `--op ${p.op} --layout ${p.layout} --dtype ${p.dtype} --size ${p.height}x${p.width} --kernel ${kernelText(p)}`,
    ...(p.filter === 'square' ? [] : [`--angles=${p.angles.join(',')}`]),
    `--stride ${p.stride} --batch ${p.batch} --channels ${p.channels}`,
  ].join(' ');
}

function imageless(): CliError {
  return new CliError({
    code: 'image-of-no-model',
    value: '--image',
    rule: "it is the size of a model's images, and no model was named",
    remedy: 'name a model, for example tiny:1d, or give --size for the input of one layer',
  });
}

function missing(flag: string, example: string): never {
  throw new CliError({
    code: 'problem-incomplete',
    value: flag,
    rule: 'a problem needs --size, --kernel and --angles',
    remedy: `add for example ${flag} ${example}`,
  });
}
