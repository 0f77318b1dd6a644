import { imagesASecond, type ModelResult, type PeerNetwork } from './result.js';

/** A peer's cells in a row of networks: its images a second, its memory in MiB, and how many times as fast ours is. */
export function peerCells(
  peer: PeerNetwork | undefined,
  { batch, ours }: Pick<ModelResult, 'batch' | 'ours'>,
): readonly string[] {
  if (peer?.kind !== 'timed') return ['-', '-', '-'];
  return [
    imagesASecond(batch, peer).toFixed(0),
    peer.bytes > 0 ? mebibytes(peer.bytes) : '-',
    `${(peer.median / ours.median).toFixed(2)} x`,
  ];
}

export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
