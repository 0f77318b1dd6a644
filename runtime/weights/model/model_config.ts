import type { Variant } from '../../convnext/architecture.js';
import { type ModelConfig, modelConfigOf } from '../../convnext/config.js';
import { type Checkpoint, isCheckpoint, shapeText } from '../checkpoint.js';
import { refuse, someOf } from '../errors.js';
import { requireMatch } from './mismatch.js';

/**
 * Reads off the names and shapes of a checkpoint which network it is of: variant, depths, widths, classes, stem and
 * kernel lengths. No number is read; {@link fitWeights} checks the directions.
 * @throws WeightsError if it is of no network of the paper's make, with what is amiss
 */
export function modelConfig(checkpoint: Checkpoint): ModelConfig {
  if (!isCheckpoint(checkpoint))
    refuse(
      typeof checkpoint,
      'weights-unmade',
      'is no checkpoint, which is what loadWeights or initialWeights gave',
      "give for example await loadWeights('tiny_1d.pth')",
    );
  const stemOriented = has(checkpoint, 'downsample_layers.0.dw1.weight');
  const second = has(checkpoint, 'stages.0.0.dwconv2.weight');
  const variant = variantOf(stemOriented, second);
  const first = second ? 'dwconv1' : 'dwconv';
  const sizes = landmarks(checkpoint, [
    ...STAGES.map((i) => `stages.${i}.0.gamma`),
    'head.weight',
    ...STAGES.map((i) => `stages.${i}.0.${first}.weight`),
    ...(second ? STAGES.map((i) => `stages.${i}.0.dwconv2.weight`) : []),
    ...(stemOriented ? ['downsample_layers.0.dw1.weight'] : []),
  ]);
  const kernels = (layer: string) => STAGES.map((i) => sizes.get(`stages.${i}.0.${layer}.weight`)!.at(-1)!);
  const stem = sizes.get('downsample_layers.0.dw1.weight');
  const config = plausible(checkpoint, () =>
    modelConfigOf({
      variant,
      depths: STAGES.map((i) => depth(checkpoint, i)),
      widths: STAGES.map((i) => sizes.get(`stages.${i}.0.gamma`)![0]!),
      classes: sizes.get('head.weight')![0]!,
      kernels: { first: kernels(first), second: second ? kernels('dwconv2') : null },
      ...(stem && { stemWidth: stem[0]!, stemKernel: stem.at(-1)! }),
    }),
  );
  requireMatch(checkpoint, config, `variant ${variant}, which it looks most like`);
  return config;
}

const STAGES = [0, 1, 2, 3] as const;

function variantOf(stemOriented: boolean, second: boolean): Variant {
  if (stemOriented) return second ? '1dpp' : '1d';
  return second ? '2dpp' : '2d';
}

function has(checkpoint: Checkpoint, name: string): boolean {
  return checkpoint.find(name) !== undefined;
}

/** Blocks of a stage, counted up to the first that is not there: those after a gap are left over. */
function depth(checkpoint: Checkpoint, stage: number): number {
  let blocks = 1;
  while (has(checkpoint, `stages.${stage}.${blocks}.gamma`)) blocks++;
  return blocks;
}

/** Shapes of the tensors that the configuration is read off. */
function landmarks(checkpoint: Checkpoint, names: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map(names.map((name) => [name, checkpoint.find(name)?.shape] as const));
  const amiss = names.filter((name) => !found.get(name)?.length);
  if (amiss.length > 0) none(checkpoint, `${someOf(amiss)} ${amiss.length === 1 ? 'is' : 'are'} missing`);
  return new Map(names.map((name) => [name, found.get(name)!]));
}

function plausible(checkpoint: Checkpoint, make: () => ModelConfig): ModelConfig {
  try {
    return make();
  } catch (cause) {
    return none(checkpoint, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function none(checkpoint: Checkpoint, why: string, cause?: unknown): never {
  const held = checkpoint.tensors.map(({ name, shape }) => `${name} ${shapeText(shape)}`);
  return refuse(
    checkpoint.source,
    'weights-model',
    `is of no oriented ConvNeXt, since ${why} (it begins with ${someOf(held, 2)})`,
    "name weights of one of the paper's models, tiny or base, 1d, 1dpp, 2d or 2dpp",
    cause,
  );
}
