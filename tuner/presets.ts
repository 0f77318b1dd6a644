import {
  type Extent,
  LAYOUTS,
  type Layout,
  type Op,
  PAPER_ANGLES,
  type Problem,
  problem,
} from '../generator/problem.js';
import {
  depthwiseLayers,
  layerProblem,
  MODELS,
  type ModelSize,
  VARIANTS,
  type Variant,
} from '../runtime/convnext/architecture.js';
import { TunerError } from './errors.js';

/** What presets are told; of image and layout only those of models, others have their own sizes and both layouts. */
export interface PresetOptions {
  /** fprop unless given. */
  readonly op?: Op | undefined;
  /** 224x224 unless given. */
  readonly image?: Extent | undefined;
  /** nhwc unless given. */
  readonly layout?: Layout | undefined;
}

/** Problems that go by one name. */
interface Preset {
  readonly about: string;
  readonly isModel: boolean;
  problems(batch: number, options: PresetOptions): readonly Problem[];
}

const LAYERS: readonly (readonly [name: string, about: string, problems: Preset['problems']])[] = [
  [
    'table5',
    "the paper's Table 5: 512 channels, 14x14, 28x28 and 56x56, K = 7 and 31, eight angles in one layer",
    (batch) => layouts([14, 28, 56], [7, 31], { channels: 512, stride: 1, batch }),
  ],
  [
    'stem',
    'the oriented layers of the 1d and 1dpp stems: 64 channels, 224x224 and 112x112 at stride 2, K = 31 and 15',
    (batch) => layouts([224, 112], [31, 15], { channels: 64, stride: 2, batch }),
  ],
  [
    'stage4',
    "the last stage's layers of tiny 1d, and the wide ones of 1dpp: 7x7, 768 and 3072 channels, K = 31",
    (batch) => [768, 3072].flatMap((channels) => layouts([7], [31], { channels, stride: 1, batch })),
  ],
];

const PRESETS: ReadonlyMap<string, Preset> = new Map([
  ...LAYERS.map(([name, about, problems]) => [name, { about, isModel: false, problems }] as const),
  ...MODELS.flatMap((model) => VARIANTS.map((variant) => modelPreset(model, variant))),
]);

/** Layers of the paper's eight angles in both layouts, of each size and kernel length. */
function layouts(
  sizes: readonly number[],
  kernels: readonly number[],
  rest: Pick<Problem, 'channels' | 'stride' | 'batch'>,
): readonly Problem[] {
  return LAYOUTS.toReversed().flatMap((layout) =>
    sizes.flatMap((size) =>
      kernels.map((kernel) =>
        problem({ ...rest, layout, height: size, width: size, kernel, angles: PAPER_ANGLES }),
      ),
    ),
  );
}

function modelPreset(model: ModelSize, variant: Variant): readonly [string, Preset] {
  const layers = depthwiseLayers(model, variant);
  const preset: Preset = {
    about: `all depthwise layers of the ${model} model, variant ${variant}, for images of --image pixels`,
    isModel: true,
    problems: (batch, { image = { height: 224, width: 224 }, layout = 'nhwc' }) =>
      layers.map((layer) => layerProblem(layer, { variant, image, batch, layout })),
  };
  return [`${model}:${variant}`, preset];
}

export const PRESET_NAMES: readonly string[] = Object.freeze([...PRESETS.keys()]);

/** Whether a name is that of a model's preset, which takes {@link PresetOptions}. */
export function isModelPreset(name: string): boolean {
  return PRESETS.get(name)?.isModel ?? false;
}

/**
 * The problems of a preset; a model's come as often as it has such layers.
 * @throws TunerError if no preset has that name; ProblemError for an image that is too small
 */
export function preset(name: string, batch: number, options: PresetOptions = {}): readonly Problem[] {
  const found = PRESETS.get(name);
  const { op = 'fprop' } = options;
  if (found) return found.problems(batch, options).map((layer) => problem({ ...layer, op }));
  throw new TunerError({
    code: 'preset-unknown',
    value: name,
    rule: `a preset is one of ${PRESET_NAMES.join(', ')}`,
    remedy: `use for example ${PRESET_NAMES[0]}, or describe a problem`,
  });
}

/** What each preset holds, in a line, indented. */
export function presetHelp(): string {
  return [...PRESETS].map(([name, { about }]) => `  ${name}: ${about}`).join('\n');
}
