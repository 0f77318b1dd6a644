import { problemName } from '../generator/name.js';
import {
  floorBytes,
  inputElements,
  isGradient,
  kernelText,
  outputElements,
  type Problem,
  problem,
  weightsOf,
} from '../generator/problem.js';
import type { CudaKernel } from '../runtime/cuda/kernel.js';
import { median, relativeSpread } from '../tuner/measure/stats.js';
import type { PeerDevice, TorchPeer } from './peer.js';
import { type Sampler, sampleInRounds } from './rounds.js';
import type { Contestant, Stage } from './stage.js';

/** Times in microseconds of the whole batch. */
export interface Timing {
  readonly median: number;
  /** Scaled median absolute deviation over the median. */
  readonly spread: number;
}

export interface LayerResult {
  readonly contestant: Contestant;
  readonly ours: Timing;
  /** A copy that moves as many bytes as the layer must, in the same rounds. */
  readonly copy: Timing;
  /** Of what the layer must move, read and written once each. */
  readonly gigabytesPerSecond: number;
  /**
   * Multiply-adds of the definition, K for each output of fprop and for backward twice as many, a second: zeros outside
   * the plane count.
   */
  readonly gigaMultiplyAdds: number;
  /** PyTorch's 1xK or KxK convolution of the same size and layout, or the same gradients of it; null without a peer. */
  readonly torch: Timing | null;
  /** What the kernel takes of a GPU's multiprocessor; null on a CPU. */
  readonly resources: CudaKernel | null;
}

/** A peer, and where it is to run. */
export interface Rival {
  readonly peer: TorchPeer;
  readonly device: PeerDevice;
}

/** Rounds of one sample each: ours at every length and angle, the copy, the peer at every length. */
const ROUNDS = 15;

/**
 * What is timed side by side: kernels of problems that differ in their filters and angles only, and of gradients of the
 * weights, whose size is the filter's, in angles only.
 */
export interface Heat {
  /** The problem that they have in common, without its angles, and of one tap where filters may differ. */
  readonly shape: Problem;
  readonly contestants: readonly Contestant[];
}

/** Contestants by the shape of their problems, in the order in which the shapes first come. */
export function heats(contestants: readonly Contestant[]): readonly Heat[] {
  const found = new Map<string, { shape: Problem; contestants: Contestant[] }>();
  for (const contestant of contestants) {
    const kernel = isGradient(contestant.problem) ? weightsOf(contestant.problem) : 1;
    const shape = problem({ ...contestant.problem, filter: 'line', kernel, angles: [0] });
    const heat = found.get(problemName(shape)) ?? { shape, contestants: [] };
    heat.contestants.push(contestant);
    found.set(problemName(shape), heat);
  }
  return [...found.values()];
}

/** How often {@link benchHeat} calls `onRound`. */
export const HEAT_ROUNDS = ROUNDS + 1;

/**
 * Times kernels of equal shape side by side with the copy and with PyTorch, all of them in each round.
 * @throws BenchError if the peer breaks down, DeviceError
 */
export async function benchHeat(
  { shape, contestants }: Heat,
  stage: Stage,
  rival: Rival | undefined,
  onRound: () => void,
): Promise<readonly LayerResult[]> {
  const acts = contestants.map((contestant) => stage.load(contestant));
  const filters = [...new Set(contestants.map((one) => kernelText(one.problem)))];
  const samplers = [
    stage.copy(),
    ...acts.map(({ sample }) => sample),
    ...(rival ? await torchSamplers(rival, shape, contestants, stage.sets) : []),
  ];
  const [copy, ...rest] = (await sampleInRounds(samplers, ROUNDS, onRound)).map(timing);
  const torch = rest.slice(contestants.length);
  return contestants.map((contestant, i) => {
    const ours = rest[i]!;
    return {
      contestant,
      ours,
      copy: copy!,
      gigabytesPerSecond: floorBytes(contestant.problem) / ours.median / 1e3,
      gigaMultiplyAdds: multiplyAdds(contestant.problem) / ours.median / 1e3,
      torch: torch[filters.indexOf(kernelText(contestant.problem))] ?? null,
      resources: acts[i]!.resources ?? null,
    };
  });
}

function multiplyAdds(layer: Problem): number {
  const { op } = layer;
  // Each product of fprop's is one in each of its gradients; dgrad reads what fprop writes.
  const products = (op === 'dgrad' ? inputElements(layer) : outputElements(layer)) * weightsOf(layer);
  return op === 'backward' ? 2 * products : products;
}

async function torchSamplers(
  { peer, device }: Rival,
  { op, batch, channels, height, width, layout, stride }: Problem,
  contestants: readonly Contestant[],
  sets: number,
): Promise<readonly Sampler[]> {
  const samplers: Sampler[] = [];
  const filters = new Map(contestants.map(({ problem: one }) => [kernelText(one), one]));
  for (const { filter, kernel } of filters.values()) {
    const square = filter === 'square';
    const sizes = { batch, channels, height, width, layout, stride, kernel, ...(square && { square }) };
    const job = await peer.setup({ op, ...sizes, sets, ...device });
    samplers.push(() => peer.time(job, sets));
  }
  return samplers;
}

/** Of one contestant's samples. */
export function timing(samples: readonly number[]): Timing {
  return { median: median(samples), spread: relativeSpread(samples) };
}
