import type { LayerResult, Timing } from '../bench/layers.js';
import { splitKernelName } from '../generator/name.js';
import { anglelessName, shortName } from './tune_table.js';
import type { Ui } from './ui.js';
import { timing } from './words.js';

type Column = readonly [head: string, cell: (result: LayerResult) => string];

const COLUMNS: readonly Column[] = [
  ['layer', ({ contestant }) => shortName(contestant.problem)],
  ['ours', ({ ours }) => timing(ours)],
  ['to copy', ({ ours, copy }) => ratio(ours, copy)],
  ['GB/s', ({ gigabytesPerSecond }) => gigabytesPerSecond.toFixed(0)],
  ['GFMA/s', ({ gigaMultiplyAdds }) => gigaMultiplyAdds.toFixed(gigaMultiplyAdds < 100 ? 1 : 0)],
];

const RESOURCES: readonly Column[] = [
  ['registers', ({ resources }) => `${resources?.registers ?? '-'}`],
  ['shared', ({ resources }) => (resources ? `${(resources.sharedBytes / 1024).toFixed(1)} KiB` : '-')],
  ['local', ({ resources }) => (resources ? `${resources.localBytes} B` : '-')],
];

const PEERS: readonly Column[] = [
  ['torch 1xK', ({ torch }) => (torch ? timing(torch) : '-')],
  ['faster', ({ torch, ours }) => (torch ? ratio(torch, ours) : '-')],
  ['schedule', ({ contestant }) => splitKernelName(contestant.kernel).schedule],
];

/** A row a layer, and a line below it for layers that differ in their one angle only: how much their times do. */
export function benchTable(results: readonly LayerResult[], ui: Ui): string {
  const onGpu = results.some(({ resources }) => resources);
  const columns = [...COLUMNS, ...(onGpu ? RESOURCES : []), ...PEERS];
  const table = ui.table(
    columns.map(([head]) => head),
    results.map((result) => columns.map(([, cell]) => cell(result))),
  );
  return [table, ...angleLines(results)].join('\n');
}

/** `nhwc 56x56 K=31 ..: angles alone take 1.02 to 1.09 x the copy, mean 1.05; the slowest 1.07 x the fastest`. */
function angleLines(results: readonly LayerResult[]): readonly string[] {
  const groups = new Map<string, LayerResult[]>();
  for (const result of results) {
    const { problem } = result.contestant;
    if (problem.angles.length > 1) continue;
    const key = anglelessName(problem);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups].flatMap(([name, those]) => {
    if (those.length < 2) return [];
    const toCopy = those.map(({ ours, copy }) => ours.median / copy.median);
    const times = those.map(({ ours }) => ours.median);
    const mean = toCopy.reduce((sum, one) => sum + one, 0) / toCopy.length;
    const [least, most] = [Math.min(...toCopy), Math.max(...toCopy)].map((one) => one.toFixed(2));
    const spread = (Math.max(...times) / Math.min(...times)).toFixed(2);
    return `${name}: one angle takes ${least} to ${most} x the copy, ${mean.toFixed(2)} in the mean; the slowest ${spread} x the fastest`;
  });
}

function ratio(one: Timing, other: Timing): string {
  return `${(one.median / other.median).toFixed(2)} x`;
}
