import { join } from 'node:path';
import { expect, test } from 'vitest';
import { benchModel, largestDifference, type ModelRival } from '../../../bench/models/bench_model.js';
import { type ModelCell, modelCells } from '../../../bench/models/cell.js';
import type { PeerProcess } from '../../../bench/peer_process.js';
import type { Executable } from '../../../runtime/plan/executable.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const CELL: ModelCell = modelCells({ sizes: ['tiny'], variants: ['2d'], batches: [2] })[0]!;
const LOGITS = Float32Array.of(4, -8, 2);

/** An executable that takes 100 us a run and classifies everything alike. */
function ours(): Executable {
  return {
    plan: { images: { elements: 6 } },
    bytes: 1000,
    run: async () => new Map([['logits', LOGITS]]),
    time: async () => 100,
  } as unknown as Executable;
}

/** A peer whose runs take 300, 301, .. us, with memory that grows. */
function rival(name: string, held: ModelRival['held'], logits: readonly (number | null)[]): ModelRival {
  let runs = 0;
  const ask = async (request: Record<string, unknown>) => {
    if ('forget' in request) return { forgotten: 1 };
    if ('input' in request) return { logits };
    runs++;
    return { microseconds: 300 + runs, bytes: 10 * runs };
  };
  return { name, held, process: { ask } as unknown as PeerProcess };
}

const heat = (rivals: readonly ModelRival[], isOver = () => true) => ({
  ...{ ours: ours(), rivals, rounds: 5, isOver },
  convolutions: { time: 50, floor: 40 },
  imagesFile: join(temporaryFolder(), 'images.f32'),
});

test('a network is timed beside its peers: medians, most memory, and how far off their logits are', async () => {
  const held = { kind: 'held', model: 0 } as const;
  const { ours: own, peers } = await benchModel(CELL, heat([rival('torch', held, [4, -8, 2.5])]));
  expect(own).toEqual({ median: 100, spread: 0, bytes: 1000, convolutions: { time: 50, floor: 40 } });
  // Three rounds, each with a sample thrown away before; one round more warms up.
  expect(peers).toEqual([
    { kind: 'timed', name: 'torch', difference: 0.5 / 8, median: 306, spread: expect.any(Number), bytes: 80 },
  ]);
});

test('rounds go on until time is over', async () => {
  const held = { kind: 'held', model: 0 } as const;
  const { peers } = await benchModel(
    CELL,
    heat([rival('torch', held, [4, -8, 2])], () => false),
  );
  expect(peers[0]).toMatchObject({ difference: 0, bytes: 120 });
});

test('a peer that cannot hold the network keeps its place, with the reason', async () => {
  const failed = { kind: 'failed', reason: 'CUDA out of memory' } as const;
  const { peers } = await benchModel(CELL, heat([rival('torch', failed, [])]));
  expect(peers).toEqual([{ kind: 'missing', name: 'torch', reason: 'CUDA out of memory' }]);
});

test('logits that are no number, or of another length, differ beyond all bounds', () => {
  expect(largestDifference(LOGITS, Float32Array.of(4, Number.NaN, 2))).toBe(Number.POSITIVE_INFINITY);
  expect(largestDifference(LOGITS, Float32Array.of(4))).toBe(Number.POSITIVE_INFINITY);
});
