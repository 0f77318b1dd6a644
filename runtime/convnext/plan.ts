import type { PlanMap } from '../plan/map.js';
import type { Plan } from '../plan/plan.js';
import type { FittedWeights } from '../weights/model/fit_weights.js';
import { block, firstConvolution } from './block.js';
import type { ModelConfig } from './config.js';
import { downsampling } from './downsampling.js';
import { head } from './head.js';
import { type Network, type NetworkSpec, network } from './network.js';
import { stemFeatures } from './stem.js';

/**
 * What a network does with a batch of images to classify them. Maps are [N,H,W,C] but for those of convolutions that a device
 * would rather have in planes; what LayerNorm learned and gamma are folded into the products beside them, when a device reads the
 * parameters.
 * @returns a plan whose output is `logits`, [N,classes]
 * @throws ProblemError if nothing is left of images so small
 */
export function classifierPlan(config: ModelConfig, weights: FittedWeights, spec: NetworkSpec): Plan {
  const parts = network(config, weights, spec);
  const features = stages(parts);
  return parts.builder.finish({ logits: head(parts, features.at(-1)!) });
}

/**
 * The same up to the head.
 * @returns a plan whose outputs are `stage0` to `stage3`, what the last block of each stage gives, [N,H,W,C]
 * @throws ProblemError if nothing is left of images so small
 */
export function featuresPlan(config: ModelConfig, weights: FittedWeights, spec: NetworkSpec): Plan {
  const parts = network(config, weights, spec);
  const outputs = stages(parts).map((map, stage) => [`stage${stage}`, map]);
  return parts.builder.finish(Object.fromEntries(outputs));
}

/** Adds all four stages; gives what each ends with. */
function stages(parts: Network): readonly PlanMap[] {
  const ends: PlanMap[] = [];
  for (const [stage, depth] of parts.config.depths.entries()) {
    const name = (i: number) => `stages.${stage}.${i}`;
    const layout = parts.layout(firstConvolution(parts.config, name(0)));
    // A stage's blocks are alike. The last one leaves rows, which patches, the head and outputs read.
    let map = stage === 0 ? stemFeatures(parts, layout) : downsampling(parts, stage, ends.at(-1)!, layout);
    for (let i = 0; i < depth; i++) map = block(parts, name(i), map, i < depth - 1 ? layout : 'nhwc');
    ends.push(map);
  }
  return ends;
}
