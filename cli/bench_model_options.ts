import { type Command, Option } from 'commander';
import { MODELS, type Model, type Size, VARIANTS, type Variant } from '../runtime/convnext/architecture.js';
import { CliError } from './errors.js';
import { problemOption } from './problem_options.js';
import { whole } from './values.js';

/** Which networks `bench models` times, and how. */
export interface BenchModelOptions {
  readonly models?: readonly Model[];
  readonly variants?: readonly Variant[];
  readonly batches?: readonly number[];
  readonly image?: Size;
  readonly products?: 'fp32' | 'tf32';
  readonly library?: string;
}

export function addBenchModelOptions(command: Command): void {
  command
    .option('--models <list>', 'networks of bench models: tiny,base unless given', someOf('a model', MODELS))
    .option('--variants <list>', 'their variants, all unless given', someOf('a variant', VARIANTS))
    .option('--batches <list>', 'images in a batch: 1,64,256 unless given, on a CPU 1', batches)
    .addOption(problemOption.image())
    .addOption(
      new Option(
        '--products <type>',
        'what a GPU multiplies matrices in, PyTorch as we do: fp32 unless given',
      ).choices(['fp32', 'tf32']),
    )
    .option(
      '--library <dir>',
      "kernels of networks, as tune --out writes them; the package's own unless given",
    );
}

function batches(text: string): readonly number[] {
  const batch = whole('a batch');
  return text.split(',').map((one) => batch(one));
}

/** Names with commas between them. @throws CliError for any other */
function someOf<T extends string>(what: string, names: readonly T[]): (text: string) => readonly T[] {
  return (text) => {
    const given = text.split(',').map((name) => name.trim());
    const wrong = given.find((name) => !(names as readonly string[]).includes(name));
    if (wrong === undefined) return [...new Set(given as T[])];
    throw new CliError({
      code: 'bench-model',
      value: wrong,
      rule: `${what} is one of ${names.join(', ')}`,
      remedy: `use for example ${names[0]}`,
    });
  };
}
