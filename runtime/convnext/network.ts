import type { GeluForm } from '../../generator/operations/operation.js';
import { type Layout, type Problem, weightsOf } from '../../generator/problem.js';
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
  /**
   * What a depthwise convolution of maps [N,H,W,C] is, by its name in checkpoints.
   * @throws ProblemError if nothing is left of images so small, as the others do
   */
  problem(name: string): Problem;
  /** The layout in which the device would rather have its maps. */
  layout(name: string): Layout;
  /** Adds one, in its input's layout. */
  depthwise(name: string, input: PlanMap): PlanMap;
}

export interface NetworkSpec extends PlanSize {
  readonly fusion: Fusion;
  /** Exact unless given. */
  readonly gelu?: GeluForm;
}

export function network(config: ModelConfig, weights: FittedWeights, spec: NetworkSpec): Network {
  const builder = planBuilder(spec);
  const { batch } = spec;
  const layers = new Map(configLayers(config).map((layer) => [layer.name, layer]));
  const problemOf = (name: string, layout: Layout) =>
    layerProblem(layers.get(name)!, { variant: config.variant, image: spec, batch, layout });
  return Object.freeze<Network>({
    builder,
    config,
    weights,
    fusion: spec.fusion,
    gelu: spec.gelu ?? 'exact',
    problem: (name) => problemOf(name, 'nhwc'),
    layout: (name) => spec.fusion.layoutOf(problemOf(name, 'nhwc')),
    depthwise(name, input) {
      const asked = problemOf(name, input.buffer.layout);
      const parameters = unfolded(weights, name, [asked.channels, weightsOf(asked)]);
      const { resid } = layers.get(name)!;
      return builder.convolution(name, input, { problem: asked, parameters, resid });
    },
  });
}
