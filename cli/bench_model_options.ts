import { type Command, Option } from 'commander';
import type { GeluForm } from '../generator/operations/operation.js';
import type { Extent } from '../generator/problem.js';
import { MODELS, type ModelSize, VARIANTS, type Variant } from '../runtime/convnext/architecture.js';
import { PRODUCT_TYPES, type ProductType } from '../runtime/plan/product_type.js';
import { geluOption } from './model_options.js';
import { problemOption } from './problem_options.js';
import { someOf, whole } from './values.js';

/** Which networks `bench models` times, and how. */
export interface BenchModelOptions {
  readonly models?: readonly ModelSize[];
  readonly variants?: readonly Variant[];
  readonly batches?: readonly number[];
  readonly image?: Extent;
  readonly products?: ProductType;
  readonly gelu?: GeluForm;
  readonly library?: string;
}

export function addBenchModelOptions(command: Command): void {
  command
    .option('--models <list>', 'networks of bench models: tiny,base unless given', namesOf('a model', MODELS))
    .option('--variants <list>', 'their variants, all unless given', namesOf('a variant', VARIANTS))
    .option('--batches <list>', 'images in a batch: 1,64,256 unless given, on a CPU 1', batches)
    .addOption(problemOption.image())
    .addOption(
      new Option(
        '--products <type>',
        'what a GPU multiplies matrices in, PyTorch as we do: fp32 unless given',
      ).choices(PRODUCT_TYPES),
    )
    .addOption(geluOption())
    .option(
      '--library <dir>',
      "kernels of networks, as tune --out writes them; the package's own unless given",
    );
}

function batches(text: string): readonly number[] {
  const batch = whole('a batch');
  return text.split(',').map((one) => batch(one));
}

function namesOf<T extends string>(what: string, names: readonly T[]): (text: string) => readonly T[] {
  return someOf(names, { code: 'bench-model', rule: `${what} is one of ${names.join(', ')}` });
}
