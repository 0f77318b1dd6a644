import { mebibytes, peerCells } from './peer_cells.js';
import { imagesASecond, type ModelResult, modelResults } from './result.js';

/**
 * The table of what `bench models --save` wrote on one machine, a row a network and batch.
 * @throws ZodError if a document is something else
 */
export function modelsMarkdown(documents: readonly unknown[]): string {
  const runs = documents.map((document) => modelResults.parse(document));
  const results = runs.flatMap((run) => run.results);
  const { provenance } = runs[0]!;
  const names = [...new Set(results.flatMap(({ peers }) => peers.map(({ name }) => name)))];
  const { gpu, machine, threads, compiler, torch, products, gelu, measured } = provenance;
  const where = [
    gpu?.name ?? machine?.cpu ?? 'unknown',
    ...(threads === undefined ? [] : [`${threads} threads`]),
    compiler ?? 'no compiler',
    `PyTorch ${torch ?? 'not measured'}`,
    ...(gpu ? [`products in ${products === 'tf32' ? 'TF32' : 'float32'}`] : []),
    ...(gelu === 'tanh' ? ['GELU by tanh'] : []),
    measured.slice(0, 10),
  ];
  return [
    `| model | batch | ms | images/s | MiB | convolutions to copies |${names.map((name) => ` ${name}: images/s | MiB | faster |`).join('')}`,
    `| --- | --: | --: | --: | --: | --: |${names.map(() => ' --: | --: | --: |').join('')}`,
    ...results.map((result) => line(result, names)),
    '',
    `${where.join(', ')}.`,
    '',
  ].join('\n');
}

function line({ size, variant, batch, ours, peers }: ModelResult, names: readonly string[]): string {
  const { time, floor } = ours.convolutions;
  const cells = [
    `${size} ${variant}`,
    `${batch}`,
    (ours.median / 1000).toPrecision(3),
    imagesASecond(batch, ours).toFixed(0),
    mebibytes(ours.bytes),
    floor > 0 ? `${(time / floor).toFixed(2)} x` : '-',
    ...names.flatMap((name) =>
      peerCells(
        peers.find((peer) => peer.name === name),
        { batch, ours },
      ),
    ),
  ];
  return `| ${cells.join(' | ')} |`;
}
