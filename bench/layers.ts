import { inputElements, outputElements, type Problem } from '../generator/problem.js';
import type { CpuDevice } from '../runtime/cpu.js';
import { tensor } from '../runtime/tensor.js';
import { monotonicClock } from '../tuner/measure/clock.js';
import { median, relativeSpread } from '../tuner/measure/stats.js';
import { mulberry32 } from '../tuner/random.js';
import type { TorchPeer } from './peer.js';

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

export interface LayerResult {
  readonly contestant: Contestant;
  readonly ours: Timing;
  /** Multiply-adds of the definition, K for each output, a second: zeros outside the plane count. */
  readonly gigaMultiplyAdds: number;
  /** Copying the input to the output's size. */
  readonly copy: Timing;
  /** PyTorch's 1xK convolution of the same size and layout; null without a peer. */
  readonly torch: Timing | null;
}

/** Rounds of one sample each: ours at every angle, the copy, the peer. */
const ROUNDS = 15;
/** Sets of buffers together exceed the last-level caches. */
const ROTATED_BYTES = 128 << 20;

/**
 * Times kernels of equal shape side by side with the copy and with PyTorch, interleaved round by round so that a
 * machine that slows down does so for all. Weights are packed before, as a network does; inputs rotate.
 */
export async function benchLayers(
  device: CpuDevice,
  contestants: readonly Contestant[],
  peer: TorchPeer | undefined,
  onRound: () => void,
): Promise<readonly LayerResult[]> {
  const { problem } = contestants[0]!;
  const sets = buffers(problem);
  const ours = contestants.map((contestant) => launches(device, contestant, sets));
  const copies = sets.map(
    ({ input, output }) =>
      () =>
        device.copy(output, input.subarray(0, output.length)),
  );
  const { batch, channels, height, width, kernel, layout } = problem;
  await peer?.setup({
    batch,
    channels,
    height,
    width,
    kernel,
    layout,
    vertical: false,
    threads: device.threads,
    sets: sets.length,
  });

  const samples = { ours: ours.map(() => [] as number[]), copy: [] as number[], torch: [] as number[] };
  for (let round = -1; round < ROUNDS; round++) {
    // The first round warms up.
    const keep = (list: number[], value: number) => {
      if (round >= 0) list.push(value);
    };
    for (const [i, runs] of ours.entries()) keep(samples.ours[i]!, mean(runs));
    keep(samples.copy, mean(copies));
    if (peer) keep(samples.torch, await peer.time(sets.length));
    onRound();
  }
  return contestants.map((contestant, i) => {
    const time = timing(samples.ours[i]!);
    return {
      contestant,
      ours: time,
      gigaMultiplyAdds: (outputElements(problem) * problem.kernel) / time.median / 1e3,
      copy: timing(samples.copy),
      torch: peer ? timing(samples.torch) : null,
    };
  });
}

export const BENCH_ROUNDS = ROUNDS + 1;

interface Buffers {
  readonly input: Float32Array;
  readonly output: Float32Array;
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
