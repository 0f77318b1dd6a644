import type { GeluForm } from '../../generator/operations/operation.js';
import { type Problem, weightsOf } from '../../generator/problem.js';
import type { PlanBuilder, PlanSize } from '../plan/builder.js';
import { planBuilder } from '../plan/builder.js';
import type { PlanMap } from '../plan/map.js';
import type { Fusion } from '../plan/plan.js';
import type { FittedWeights } from '../weights/model/fit_weights.js';
import { layerProblem } from './architecture.js';
import { configLayers, type ModelConfig } from './config.js';
import { unfolded } from './fold.js';

/** What the parts of a network are written with. */
export interface Network {
  readonly builder: PlanBuilder;
  readonly config: ModelConfig;
  readonly weights: FittedWeights;
  readonly fusion: Fusion;
  /** Of every GELU. */
  readonly gelu: GeluForm;
  /** What a depthwise convolution is, by its name in checkpoints. */
  problem(name: string): Problem;
  /** Adds one. */
  depthwise(name: string, input: PlanMap): PlanMap;
}

export interface NetworkSpec extends PlanSize {
  readonly fusion: Fusion;
  /** Exact unless given. */
  readonly gelu?: GeluForm;
}

/** @throws ProblemError if nothing is left of images so small */
export function network(config: ModelConfig, weights: FittedWeights, spec: NetworkSpec): Network {
  const builder = planBuilder(spec);
  const { batch } = spec;
  const layers = new Map(
    configLayers(config).map((layer) => {
      const asked = layerProblem(layer, { variant: config.variant, image: spec, batch, layout: 'nhwc' });
      return [layer.name, { layer, asked }] as const;
    }),
  );
  return Object.freeze<Network>({
    builder,
    config,
    weights,
    fusion: spec.fusion,
    gelu: spec.gelu ?? 'exact',
    problem: (name) => layers.get(name)!.asked,
    depthwise(name, input) {
      const { layer, asked } = layers.get(name)!;
      const parameters = unfolded(weights, name, [layer.channels, weightsOf(asked)]);
      return builder.convolution(name, input, { problem: asked, parameters, resid: layer.resid });
    },
  });
}
