import type { Op } from '../../generator/problem.js';
import { layerWords } from './readme_table.js';
import { type CellResult, tableResult } from './result.js';
import { angleSpread, floorTiming, toFloor } from './summary.js';

/** dgrad at stride 1 is fprop's kernel. */
const OPERATIONS = ['fprop', 'wgrad', 'backward'] as const satisfies readonly Op[];

/**
 * The table of each operation alone, a row a cell: time on the device in units of a copy that moves as many bytes, as the mean
 * of the angles' layers, as their slowest over their fastest, and of one layer with all angles.
 * @param document what `bench table5 --save` wrote
 * @throws ZodError if it is something else
 */
export function operationsMarkdown(document: unknown): string {
  const { provenance, cells } = tableResult.parse(document);
  const { gpu, machine, compiler, measured } = provenance;
  const columns = OPERATIONS.flatMap((op) => [`${op}: mean of 8`, 'spread', 'all 8']);
  return [
    `| layer | copy: two tensors | three | ${columns.join(' | ')} |`,
    `| --- | ${columns.map(() => '--:').join(' | ')} | --: | --: |`,
    ...cells.map(line),
    '',
    `${gpu?.name ?? machine?.cpu ?? 'unknown'}, ${compiler ?? 'no compiler'}, copies in microseconds, ${measured.slice(0, 10)}.`,
    '',
  ].join('\n');
}

function line(cell: CellResult): string {
  const copies = (['fprop', 'backward'] as const).map((op) => floorTiming(cell, op)!.median.toFixed(1));
  return `| ${[layerWords(cell), ...copies, ...OPERATIONS.flatMap((op) => operation(cell, op))].join(' | ')} |`;
}

function operation(cell: CellResult, op: Op): readonly string[] {
  const { mean, ratio } = angleSpread(cell, op);
  const all = cell.layers.at(-1)!.times[op];
  const copy = floorTiming(cell, op)!.median;
  return [`${(mean / copy).toFixed(2)} x`, ratio.toFixed(2), `${toFloor(cell, op, all)!.toFixed(2)} x`];
}
