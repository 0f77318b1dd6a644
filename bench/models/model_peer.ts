import { z } from 'zod';
import type { GeluForm } from '../../generator/operations/operation.js';
import type { ModelConfig } from '../../runtime/convnext/config.js';
import type { PeerDevice } from '../peer.js';
import type { PeerProcess } from '../peer_process.js';
import type { ModelCell } from './cell.js';

/** How a peer runs a network. */
export interface PeerModel {
  readonly cell: ModelCell;
  readonly config: ModelConfig;
  /** A safetensors file. */
  readonly weights: string;
  readonly place: PeerDevice;
  /** Products in TF32. */
  readonly tf32: boolean;
  readonly gelu: GeluForm;
  readonly compile: boolean;
}

/** A network that a peer holds, or why it does not. */
export type HeldModel =
  | { readonly kind: 'held'; readonly model: number }
  | { readonly kind: 'failed'; readonly reason: string };

const held = z.union([z.object({ model: z.int() }), z.object({ failed: z.string() })]);
const timed = z.object({ microseconds: z.number().positive(), bytes: z.number().min(0) });
const classified = z.object({ logits: z.array(z.number().nullable()) });
const forgotten = z.object({ forgotten: z.int() });

/** Builds the network in the peer and runs it once. @throws BenchError if the peer breaks down */
export async function holdModel(peer: PeerProcess, asked: PeerModel): Promise<HeldModel> {
  const { cell, config, weights, place, tf32, gelu, compile } = asked;
  const answer = await peer.ask(
    {
      ...{ depths: config.depths, weights, batch: cell.batch, ...cell.image },
      ...{ ...place, tf32, gelu, compile },
    },
    held,
  );
  return 'failed' in answer
    ? { kind: 'failed', reason: answer.failed }
    : { kind: 'held', model: answer.model };
}

/** Mean microseconds of so many batches by the wall clock, and the most bytes that its tensors took. @throws BenchError */
export function timeModel(
  peer: PeerProcess,
  model: number,
  runs: number,
): Promise<{ readonly microseconds: number; readonly bytes: number }> {
  return peer.ask({ model, runs }, timed);
}

/** What the peer's network makes of a file of raw float32 images [N,3,H,W]. @throws BenchError */
export async function classifyBy(peer: PeerProcess, model: number, input: string): Promise<Float32Array> {
  const { logits } = await peer.ask({ model, input }, classified);
  return Float32Array.from(logits, (value) => value ?? Number.NaN);
}

/** Gives back what all its networks hold. @throws BenchError */
export async function forgetModels(peer: PeerProcess): Promise<void> {
  await peer.ask({ forget: true }, forgotten);
}
