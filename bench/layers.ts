import { inputElements, outputElements, type Problem } from '../generator/problem.js';
import type { CpuDevice } from '../runtime/cpu.js';
import { tensor } from '../runtime/tensor.js';
import { monotonicClock } from '../tuner/measure/clock.js';
import { median, relativeSpread } from '../tuner/measure/stats.js';
import { mulberry32 } from '../tuner/random.js';
import { type Buffers, yardstick } from '../tuner/trial/yardstick.js';
import type { TorchPeer } from './peer.js';
import { type Sampler, sampleInRounds } from './rounds.js';

/** A kernel that is to be timed: compiled for the problem, under its name. */
export interface Contestant {
  readonly problem: Problem;
  readonly kernel: string;
  readonly path: string;
}

/** Times in microseconds of the whole batch. */
export interface Timing {
  readonly median: number;
  /** Scaled median absolute deviation over the median. */
  readonly spread: number;
}

/** The times of one run of the bench. */
export interface LayerResults {
  readonly layers: readonly LayerResult[];
  /** A copy that moves as many bytes as a layer must: one time, since all layers have one shape. */
  readonly copy: Timing;
}

export interface LayerResult {
  readonly contestant: Contestant;
  readonly ours: Timing;
  /** Multiply-adds of the definition, K for each output, a second: zeros outside the plane count. */
  readonly gigaMultiplyAdds: number;
  /** PyTorch's 1xK convolution of the same size and layout; null without a peer. */
  readonly torch: Timing | null;
}

/** Rounds of one sample each: ours at every length and angle, the copy, the peer at every length. */
const ROUNDS = 15;
export const BENCH_ROUNDS = ROUNDS + 1;
/** Sets of buffers together exceed the last-level caches. */
const ROTATED_BYTES = 128 << 20;

/**
 * Times kernels of equal shape side by side with the copy and with PyTorch, all of them in each round. Weights are
 * packed before, as a network does; inputs rotate.
 * @param contestants at least one; they differ in kernel length and angles only
 * @param onRound is called BENCH_ROUNDS times
 * @throws BenchError if the peer breaks down
 */
export async function benchLayers(
  device: CpuDevice,
  contestants: readonly Contestant[],
  peer: TorchPeer | undefined,
  onRound: () => void,
): Promise<LayerResults> {
  const { problem } = contestants[0]!;
  const sets = buffers(problem);
  const lengths = [...new Set(contestants.map((one) => one.problem.kernel))];
  const runs = [
    yardstick(device, problem, sets),
    ...contestants.map((contestant) => launches(device, contestant, sets)),
  ];
  const samplers = [
    ...runs.map((one) => () => mean(one)),
    ...(peer ? await torchSamplers(peer, device, problem, lengths, sets.length) : []),
  ];
  const [copy, ...rest] = (await sampleInRounds(samplers, ROUNDS, onRound)).map(timing);
  const torch = rest.slice(contestants.length);
  return {
    copy: copy!,
    layers: contestants.map((contestant, i) => ({
      contestant,
      ours: rest[i]!,
      gigaMultiplyAdds: multiplyAdds(contestant.problem) / rest[i]!.median / 1e3,
      torch: torch[lengths.indexOf(contestant.problem.kernel)] ?? null,
    })),
  };
}

function multiplyAdds(problem: Problem): number {
  return outputElements(problem) * problem.kernel;
}

async function torchSamplers(
  peer: TorchPeer,
  { threads }: CpuDevice,
  { batch, channels, height, width, layout }: Problem,
  lengths: readonly number[],
  sets: number,
): Promise<readonly Sampler[]> {
  const samplers: Sampler[] = [];
  for (const kernel of lengths) {
    const job = await peer.setup({ batch, channels, height, width, layout, kernel, threads, sets });
    samplers.push(() => peer.time(job, sets));
  }
  return samplers;
}

function buffers(problem: Problem): readonly Buffers[] {
  const [inputs, outputs] = [inputElements(problem), outputElements(problem)];
  const count = Math.max(2, Math.ceil(ROTATED_BYTES / (4 * (inputs + outputs))));
  const random = mulberry32(1);
  return Array.from({ length: count }, () => {
    const input = tensor(inputs);
    for (let i = 0; i < inputs; i++) input[i] = 2 * random() - 1;
    return { input, output: tensor(outputs) };
  });
}

function launches(device: CpuDevice, { problem, kernel, path }: Contestant, sets: readonly Buffers[]) {
  const random = mulberry32(2);
  const noise = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
  const prepared = device.loadBinary(problem, path, kernel).prepare({
    weight: noise(problem.channels * problem.kernel),
    bias: noise(problem.channels),
  });
  return sets.map((set) => prepared.bind(set).run);
}

/** Mean time of one run each on every set. */
function mean(runs: readonly (() => void)[]): number {
  const start = monotonicClock();
  for (const run of runs) run();
  return (monotonicClock() - start) / runs.length;
}

function timing(samples: readonly number[]): Timing {
  return { median: median(samples), spread: relativeSpread(samples) };
}
