import type { ModelConfig } from '../convnext/config.js';
import type { Plan } from '../plan/plan.js';
import type { Images } from './images.js';

/** What a classification makes of images. */
export interface Logits {
  /** [N,classes], before softmax. */
  readonly logits: Float32Array<ArrayBuffer>;
  readonly batch: number;
  readonly classes: number;
}

/** What a stage makes of images. */
export interface FeatureMap {
  /** `stage0` to `stage3`. */
  readonly name: string;
  /** [N,H,W,C]. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Of the four stages, in order. */
export type Features = readonly FeatureMap[];

/** What an executable's run gives. */
type Outputs = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

export function logitsOf({ classes }: ModelConfig, { batch }: Images, outputs: Outputs): Logits {
  return Object.freeze({ logits: outputs.get('logits')!, batch, classes });
}

export function featuresOf({ batch, outputs }: Plan, made: Outputs): Features {
  return Object.freeze(
    outputs.map(({ name, height, width, channels }) =>
      Object.freeze({ name, data: made.get(name)!, batch, height, width, channels }),
    ),
  );
}
