import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseProblemName } from '../generator/name.js';
import { packagePath } from '../generator/package.js';

const timing = z.object({ median: z.number(), spread: z.number() });
const results = z.object({
  provenance: z.object({
    measured: z.string(),
    machine: z.object({ cpu: z.string(), isa: z.string() }),
    compiler: z.string(),
    threads: z.number(),
    torch: z.string().nullable(),
  }),
  results: z.array(z.object({ kernel: z.string(), ours: timing, copy: timing, torch: timing.nullable() })),
});

const BEGIN = '<!-- results:begin -->';
const END = '<!-- results:end -->';

/** README.md with its results as bench/results/cpu_layers.json has them. */
export function readmeWithResults(): string {
  const text = readFileSync(packagePath('README.md'), 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest!.split(END)[1]!;
  return `${before}${BEGIN}\n${resultsTable(join('bench', 'results', 'cpu_layers.json'))}${END}${after}`;
}

function resultsTable(file: string): string {
  const { provenance, results: rows } = results.parse(JSON.parse(readFileSync(packagePath(file), 'utf8')));
  const { machine, compiler, measured, torch } = provenance;
  const lines = rows.map(({ kernel, ours, copy, torch: peer }) => {
    const { kernel: taps, angles } = parseProblemName(kernel.split('__')[0]!);
    const ms = (value: number) => (value / 1000).toFixed(2);
    const cells = [
      taps,
      `${angles[0]}°`,
      ms(ours.median),
      `${(100 * ours.spread).toFixed(0)} %`,
      ms(copy.median),
    ];
    const peers = peer ? [ms(peer.median), `${(peer.median / ours.median).toFixed(2)} x`] : ['-', '-'];
    return `| ${[...cells, ...peers].join(' | ')} |`;
  });
  return [
    '| K | angle | ours | spread | copy | torch | faster |',
    '| --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
    '',
    `${machine.cpu} (${machine.isa}), ${compiler}, PyTorch ${torch ?? 'not measured'}, ${measured.slice(0, 10)}.`,
    '',
  ].join('\n');
}
