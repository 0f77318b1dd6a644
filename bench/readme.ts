import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseProblemName, splitKernelName } from '../generator/name.js';
import { packagePath } from '../generator/package.js';
import type { Timing } from './layers.js';

const timing = z.object({ median: z.number(), spread: z.number() });
const results = z.object({
  provenance: z.object({
    measured: z.string(),
    machine: z.object({ cpu: z.string(), isa: z.string() }),
    compiler: z.string(),
    threads: z.number(),
    torch: z.string().nullable(),
    launchNanoseconds: z.number(),
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
  const file = packagePath('bench', 'results', 'cpu_layers.json');
  return `${before}${BEGIN}\n${resultsTable(JSON.parse(readFileSync(file, 'utf8')))}${END}${after}`;
}

/** The table of what `bench layers --save` wrote, with its provenance below. @throws ZodError if it is something else */
export function resultsTable(document: unknown): string {
  const { provenance, results: rows } = results.parse(document);
  const { machine, compiler, measured, torch, launchNanoseconds } = provenance;
  const lines = rows.map(({ kernel, ours, copy, torch: peer }) => {
    const { kernel: taps, angles } = parseProblemName(splitKernelName(kernel).layer);
    const ms = (value: number) => (value / 1000).toFixed(2);
    const both = ({ median, spread }: Timing) => [ms(median), `${(100 * spread).toFixed(0)} %`];
    const cells = [taps, `${angles[0]}°`, ...both(ours), ...both(copy)];
    const peers = peer ? [...both(peer), `${(peer.median / ours.median).toFixed(2)} x`] : ['-', '-', '-'];
    return `| ${[...cells, ...peers].join(' | ')} |`;
  });
  return [
    '| K | angle | ours | spread | copy | spread | torch | spread | faster |',
    '| --: | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
    '',
    `${machine.cpu} (${machine.isa}), ${compiler}, PyTorch ${torch ?? 'not measured'}, ${measured.slice(0, 10)}.`,
    `A \`run()\` that has nothing to do, one pixel of one channel, takes ${launchNanoseconds.toFixed(0)} ns.`,
    '',
  ].join('\n');
}
