import { Option } from 'commander';
import { type Problem, problem } from '../generator/problem.js';

/** What is asked of layers of several angles. */
const DIRECTIONS = ['alone', 'together', 'both'] as const;
export type Directions = (typeof DIRECTIONS)[number];

/** `--directions`. @param about what it is for, and which it is unless given */
export function directionsOption(about: string): Option {
  return new Option('--directions <which>', about).choices(DIRECTIONS);
}

/** Layers as they are, or in their place a layer of all channels for each of their angles, or both. */
export function inDirections(layers: readonly Problem[], which: Directions): readonly Problem[] {
  return [
    ...(which === 'alone' ? [] : layers),
    ...(which === 'together' ? [] : layers.flatMap((layer) => anglesAlone(layer, which))),
  ];
}

/** Layers of one angle, and square filters, which have none, stay once. */
function anglesAlone(layer: Problem, which: Directions): readonly Problem[] {
  if (layer.angles.length <= 1) return which === 'both' ? [] : [layer];
  return layer.angles.map((angle) => problem({ ...layer, angles: [angle] }));
}
