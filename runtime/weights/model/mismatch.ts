import type { ModelConfig } from '../../convnext/config.js';
import { type Checkpoint, shapeText } from '../checkpoint.js';
import { refuse, shown, someOf } from '../errors.js';
import { parameterList, thetaList } from './parameters.js';

/** How the tensors of a checkpoint differ from those that a network has; nothing does if both agree. */
export interface Mismatch {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  /** `head.weight [10,52] for [1000,52]` */
  readonly misshapen: readonly string[];
}

export function mismatch(checkpoint: Checkpoint, config: ModelConfig): Mismatch {
  const wanted = new Map<string, readonly (readonly number[])[]>([
    ...parameterList(config).map(({ name, shape }) => [name, [shape]] as const),
    ...thetaList(config).map(({ name, layer }) => [name, [[layer.channels], [layer.channels, 1]]] as const),
  ]);
  const missing = [...wanted.keys()].filter((name) => checkpoint.find(name) === undefined);
  const extra = checkpoint.tensors.map(({ name }) => name).filter((name) => !wanted.has(name));
  const misshapen = checkpoint.tensors.flatMap(({ name, shape }) => {
    const shapes = wanted.get(name)?.map(shapeText);
    return shapes === undefined || shapes.includes(shapeText(shape))
      ? []
      : [`${name} ${shapeText(shape)} for ${shapes[0]}`];
  });
  return { missing, extra, misshapen };
}

/** `lacks 2 tensors (a, b), has 1 of no use (c) and 1 of another shape (d [3] for [4])`; undefined if nothing differs. */
export function describe({ missing, extra, misshapen }: Mismatch): string | undefined {
  const part = (items: readonly string[], words: (count: string) => string) =>
    items.length === 0 ? [] : [`${words(tensors(items.length))} (${someOf(items.map(safe))})`];
  const parts = [
    ...part(missing, (count) => `lacks ${count}`),
    ...part(misshapen, (count) => `has ${count} of another shape`),
    ...part(extra, (count) => `has ${count} that the network has not`),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** @throws WeightsError if anything differs */
export function requireMatch(checkpoint: Checkpoint, config: ModelConfig, network: string): void {
  const differences = describe(mismatch(checkpoint, config));
  if (differences === undefined) return;
  refuse(
    checkpoint.source,
    'weights-mismatch',
    `does not fit ${network}: ${differences}`,
    'name the model, variant and number of classes that it was saved from, or leave them to be read off it',
  );
}

function tensors(count: number): string {
  return count === 1 ? '1 tensor' : `${count} tensors`;
}

/** As `shown` does it, without the quotes. */
function safe(name: string): string {
  return shown(name).slice(1, -1);
}
