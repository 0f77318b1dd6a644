import { mebibytes, peerCells } from '../bench/models/peer_cells.js';
import { imagesASecond, type ModelResult } from '../bench/models/result.js';
import type { Ui } from './ui.js';

/** A row a network and batch: ours, then each peer's images a second and how many times as many ours are. */
export function modelTable(results: readonly ModelResult[], ui: Ui): string {
  const names = results[0]?.peers.map(({ name }) => name) ?? [];
  const head = ['model', 'batch', 'ms', 'images/s', 'MiB', 'convolutions', 'to copies'];
  const table = ui.table(
    [...head, ...names.flatMap((name) => [name, 'MiB', 'faster'])],
    results.map((result) => [
      ...ownCells(result),
      ...result.peers.flatMap((peer) => peerCells(peer, result)),
    ]),
  );
  const missing = results.flatMap(({ size, variant, batch, peers }) =>
    peers.flatMap((peer) =>
      peer.kind === 'missing' ? [`${size} ${variant} x ${batch}, ${peer.name}: ${peer.reason}`] : [],
    ),
  );
  return [table, ...missing].join('\n');
}

function ownCells({ size, variant, batch, ours }: ModelResult): readonly string[] {
  const { time, floor } = ours.convolutions;
  return [
    `${size} ${variant}`,
    `${batch}`,
    (ours.median / 1000).toPrecision(3),
    imagesASecond(batch, ours).toFixed(0),
    mebibytes(ours.bytes),
    `${((100 * time) / ours.median).toFixed(0)} %`,
    floor > 0 ? `${(time / floor).toFixed(2)} x` : '-',
  ];
}
