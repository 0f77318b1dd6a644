import { PUBLISHED_GPU, publishedTimes } from './published.js';
import { type CellResult, tableResult } from './result.js';
import { angleSpread, fastestPeer, milliseconds, peerLabel } from './summary.js';

/**
 * The table of what `bench table5 --save` wrote, a row a cell: the published protocol, and the same with the input's gradient,
 * in milliseconds.
 * @throws ZodError if it is something else
 */
export function table5Markdown(document: unknown): string {
  const { provenance, cells } = tableResult.parse(document);
  const { gpu, machine, compiler, peers, measured, angles } = provenance;
  const versions = peers.map(({ name, version }) => `${name} ${version ?? 'not measured'}`).join(', ');
  return [
    `| layer | published (${PUBLISHED_GPU}): torch | paper | best peer | ours, mean of 8 | worst angle | all 8 | faster | with dgrad: best peer | ours, mean of 8 | all 8 | faster |`,
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...cells.map(line),
    '',
    `${gpu?.name ?? machine?.cpu ?? 'unknown'}, ${compiler ?? 'no compiler'}, ${versions}, angles ${angles}, ${measured.slice(0, 10)}.`,
    '',
  ].join('\n');
}

/** `nchw 14x14, C=512, N=64, K=7`. */
export function layerWords({ layout, size, kernel, channels, batch, dtype }: CellResult): string {
  const type = dtype === 'f32' ? '' : ` ${dtype}`;
  return `${layout}${type} ${size}x${size}, C=${channels}, N=${batch}, K=${kernel}`;
}

function line(cell: CellResult): string {
  const published = publishedTimes(cell);
  const cells = [
    layerWords(cell),
    published?.torch.toFixed(1) ?? '-',
    published?.paper.toFixed(1) ?? '-',
    ...step(cell, 'step', true),
    ...step(cell, 'full', false),
  ];
  return `| ${cells.join(' | ')} |`;
}

function step(cell: CellResult, measure: 'step' | 'full', worst: boolean): readonly string[] {
  const { mean, slowest } = angleSpread(cell, measure);
  const all = cell.layers.at(-1)!.times[measure].median;
  const peer = fastestPeer(cell, measure);
  const row = cell.peers.find(({ name, axis }) => name === peer?.name && axis === peer.axis);
  return [
    peer && row ? `${milliseconds(peer.time.median)} (${peerLabel(row)})` : '-',
    milliseconds(mean),
    ...(worst ? [`${milliseconds(slowest.times[measure].median)} (${slowest.label})`] : []),
    milliseconds(all),
    peer ? `${(peer.time.median / mean).toFixed(2)} x` : '-',
  ];
}
