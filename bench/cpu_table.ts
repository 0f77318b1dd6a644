import { z } from 'zod';
import type { Timing } from './layers.js';
import { layerOf, opPrefix, timedLayer } from './result_layer.js';
import { timing } from './timing_schema.js';

const results = z.object({
  provenance: z.object({
    measured: z.string(),
    machine: z.object({ cpu: z.string(), isa: z.string() }),
    compiler: z.string(),
    threads: z.number(),
    torch: z.string().nullable(),
    launchNanoseconds: z.number(),
  }),
  results: z.array(timedLayer.extend({ ours: timing, copy: timing, torch: timing.nullable() })),
});

type Row = z.infer<typeof results>['results'][number];

/** The table of what `bench layers --save` wrote on a CPU, with its provenance below. @throws ZodError if it is something else */
export function cpuTable(document: unknown): string {
  const { provenance, results: rows } = results.parse(document);
  const { machine, compiler, measured, torch, launchNanoseconds } = provenance;
  return [
    '| K | angle | ours | spread | copy | spread | to copy | torch | spread | faster |',
    '| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...rows.map(line),
    '',
    `The aim is 1.00 x the copy. ${gap(rows)}.`,
    '',
    `${machine.cpu} (${machine.isa}), ${compiler}, PyTorch ${torch ?? 'not measured'}, ${measured.slice(0, 10)}.`,
    `A \`run()\` that has nothing to do, one pixel of one channel, takes ${launchNanoseconds.toFixed(0)} ns.`,
    '',
  ].join('\n');
}

function line(row: Row): string {
  const { ours, copy, torch: peer } = row;
  const layer = layerOf(row);
  const ms = (value: number) => (value / 1000).toFixed(2);
  const both = ({ median, spread }: Timing) => [ms(median), `${(100 * spread).toFixed(0)} %`];
  const ratio = (one: Timing, other: Timing) => `${(one.median / other.median).toFixed(2)} x`;
  const cells = [
    `${opPrefix(layer)}${layer.kernel}`,
    `${layer.angles[0]}°`,
    ...both(ours),
    ...both(copy),
    ratio(ours, copy),
  ];
  const peers = peer ? [...both(peer), ratio(peer, ours)] : ['-', '-', '-'];
  return `| ${[...cells, ...peers].join(' | ')} |`;
}

/** How far each kernel length is from the copy, over its angles: `K = 7 takes 1.54 to 1.76 x, K = 31 ...`. */
function gap(rows: readonly Row[]): string {
  const named = (row: Row) => `${opPrefix(layerOf(row))}K = ${layerOf(row).kernel}`;
  return [...new Set(rows.map(named))]
    .map((name) => {
      const those = rows.filter((row) => named(row) === name);
      const ratios = those.map(({ ours, copy }) => ours.median / copy.median);
      return `${name} takes ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} x`;
    })
    .join(', ');
}
