import { writeFile } from 'node:fs/promises';
import type { Executable } from '../../runtime/plan/executable.js';
import { median, relativeSpread } from '../../tuner/measure/stats.js';
import { mulberry32 } from '../../tuner/random.js';
import type { PeerProcess } from '../peer_process.js';
import { sampleInRounds } from '../rounds.js';
import type { ModelCell } from './cell.js';
import { classifyBy, forgetModels, type HeldModel, timeModel } from './model_peer.js';
import type { ModelResult, NetworkTime, PeerNetwork } from './result.js';

/** A network of a peer's, and the process that holds it. */
export interface ModelRival {
  readonly name: string;
  readonly process: PeerProcess;
  readonly held: HeldModel;
}

export interface ModelHeat {
  readonly ours: Executable;
  readonly convolutions: ModelResult['ours']['convolutions'];
  readonly rivals: readonly ModelRival[];
  readonly rounds: number;
  /** A file to hand images over in. */
  readonly imagesFile: string;
  isOver(): boolean;
}

/** Fewer rounds have no median worth the name, whatever time is left. */
const LEAST_ROUNDS = 3;

/**
 * Times a network of ours beside the same one of each peer, in shuffled rounds, after all of them have classified the same
 * images: what a peer's logits are off by stands in the result. @throws BenchError, DeviceError
 */
export async function benchModel(cell: ModelCell, heat: ModelHeat): Promise<ModelResult> {
  const { ours, rivals, rounds, convolutions, isOver } = heat;
  const images = randomImages(ours.plan.images.elements);
  const logits = (await ours.run(images)).get('logits')!;
  await writeFile(heat.imagesFile, images);
  const ready = await Promise.all(rivals.map((rival) => compared(rival, logits, heat.imagesFile)));
  const timed = ready.filter((each) => each.kind === 'ready');
  const bytes = timed.map(() => 0);
  const samplers = timed.map(({ process, model }, i) => async () => {
    const sample = await timeModel(process, model, 1);
    bytes[i] = Math.max(bytes[i]!, sample.bytes);
    return sample.microseconds;
  });
  const [own, ...others] = await sampleInRounds(
    [() => ours.time(1), ...samplers],
    rounds,
    () => {},
    (done) => done >= LEAST_ROUNDS && isOver(),
  );
  for (const process of new Set(rivals.map((rival) => rival.process))) await forgetModels(process);
  const { kind: _, ...described } = cell;
  return {
    ...described,
    ours: { ...summary(own!, ours.bytes), convolutions },
    peers: ready.map((each): PeerNetwork => {
      if (each.kind === 'missing') return each;
      const i = timed.indexOf(each);
      const { name, difference } = each;
      return { kind: 'timed', name, difference, ...summary(others[i]!, bytes[i]!) };
    }),
  };
}

interface Ready {
  readonly kind: 'ready';
  readonly name: string;
  readonly process: PeerProcess;
  readonly model: number;
  readonly difference: number;
}

async function compared(
  { name, process, held }: ModelRival,
  logits: Float32Array,
  file: string,
): Promise<Ready | Extract<PeerNetwork, { kind: 'missing' }>> {
  if (held.kind === 'failed') return { kind: 'missing', name, reason: held.reason };
  const theirs = await classifyBy(process, held.model, file);
  const difference = largestDifference(logits, theirs);
  return { kind: 'ready', name, process, model: held.model, difference };
}

/** Relative to the largest of `a`; NaN counts as all of it. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let worst = 0;
  for (const [i, value] of a.entries()) {
    const apart = Math.abs(value - b[i]!);
    worst = Math.max(worst, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
  }
  return worst / scale;
}

function summary(samples: readonly number[], bytes: number): NetworkTime {
  return { median: median(samples), spread: relativeSpread(samples), bytes };
}

/** Uniform from -1.7 to 1.7, which has the deviation of normalised images. */
function randomImages(length: number): Float32Array {
  const random = mulberry32(1);
  return Float32Array.from({ length }, () => 3.4 * random() - 1.7);
}
