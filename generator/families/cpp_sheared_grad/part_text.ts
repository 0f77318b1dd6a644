import type { GradientPart } from '../../gradient.js';
import { groupTitle } from '../../group.js';
import { multiplyAdds, type Program } from '../../program.js';
import { bandOrigins } from '../../slab.js';
import type { Printable } from '../../template.js';
import { chunked } from '../../text.js';
import type { Point } from '../../tile.js';
import { tileTitle } from '../body_text.js';
import { rolling } from '../cpp_sheared/plan.js';
import { type Gradients, gradientsOf } from '../gradient_text.js';
import type { GradBody, GradPlan } from './plan.js';

const PER_LINE = 6;

/** What templates/cpp/partials/grad_part.hbs prints of a part of the body with this id. */
export function partText(plan: GradPlan, id: string, part: GradientPart): Record<string, Printable> {
  const { problem, params, bandRows } = plan;
  const { row, column, program, slots } = part;
  const gradients = gradientsOf(problem.op);
  const tapped = program.loads.length > 0;
  return {
    name: `line_${id}_${row}_${column}`,
    row,
    column,
    rows: program.output.height,
    columns: program.output.width,
    loops: loops(program, bandRows, rolling(params)),
    tapped,
    readsInput: tapped && gradients.ofWeights,
    ...pixelText(program),
    ...useText(program, slots, gradients),
  };
}

/** The line over a part's code: what it computes and what it costs. */
export function partTitle(
  { problem }: GradPlan,
  body: Pick<GradBody, 'angle'>,
  { row, column, program }: GradientPart,
): string {
  const { tile, loads } = program;
  const where = problem.stride === 1 ? '' : `, pixels (${row}, ${column}) modulo ${problem.stride}`;
  return `${groupTitle(body)}${where}: ${tileTitle(tile)}; ${loads.length} loads of dy and ${multiplyAdds(program)} uses of them a tile.`;
}

/** A tile's pixels of x and dx. */
function pixelText({ tile: { outputs }, loads }: Program): Record<string, Printable> {
  const used = new Set(loads.flatMap(({ uses }) => uses.map(({ output }) => output)));
  const all = outputs.map(({ y, x }, o) => ({ at: `${y}, ${x}`, o }));
  const read = all.filter(({ o }) => used.has(o));
  return {
    least: corner(outputs, Math.min),
    most: corner(outputs, Math.max),
    inputs: declared(read.map(({ o }) => `x${o}`)),
    reads: lines(read.map(({ at, o }) => `x${o} = in(${at});`)),
    innerReads: lines(read.map(({ at, o }) => `x${o} = inner(${at});`)),
    accumulators: declared(all.map(({ o }) => `a${o}{}`)),
    puts: lines(all.map(({ at, o }) => `put(${at}, a${o});`)),
    innerPuts: lines(all.map(({ at, o }) => `put_inner(${at}, a${o});`)),
  };
}

function corner(outputs: readonly Point[], extreme: (...values: number[]) => number): Record<string, number> {
  return { y: extreme(...outputs.map(({ y }) => y)), x: extreme(...outputs.map(({ x }) => x)) };
}

/**
 * A tile's loads of dy and their uses. The sum of a tap's dw is in a register from its first use in the tile to its last,
 * and in the L1 cache between tiles: a load and a store for as many multiply-adds as the tile has pixels.
 */
function useText(
  { loads }: Program,
  slots: readonly number[],
  { ofInput, ofWeights }: Gradients,
): Record<string, Printable> {
  const uses = loads.map((load) => load.uses.map(({ output, tap }) => ({ output, slot: slots[tap]! })));
  const places = new Map<number, { first: number; last: number }>();
  for (const [l, all] of uses.entries())
    for (const { slot } of all) places.set(slot, { first: places.get(slot)?.first ?? l, last: l });
  const sums = [...places.keys()];
  const weights = (text: (l: number) => string[]) => (l: number) => (ofWeights ? lines(text(l)) : []);
  const taken = weights((l) =>
    sums.filter((slot) => places.get(slot)!.first === l).map((slot) => `d${slot} = sum(${slot});`),
  );
  const added = weights((l) => uses[l]!.map(({ output, slot }) => `d${slot} += v * x${output};`));
  const kept = weights((l) =>
    sums.filter((slot) => places.get(slot)!.last === l).map((slot) => `keep(${slot}, d${slot});`),
  );
  const spread = (l: number) =>
    ofInput ? lines(uses[l]!.map(({ output, slot }) => `a${output} += v * w(${slot});`)) : [];
  return {
    tapSums: declared(sums.map((slot) => `d${slot}`)),
    loads: loads.map(({ dy, dx }, l) => ({
      dy,
      dx,
      rows: [taken, spread, added, kept].flatMap((of) => of(l)),
    })),
  };
}

/** In a rolling band neighbouring tiles go across the line: they share inputs, and few enough to stay in the L1 cache. */
function loops(program: Program, bandRows: number, roll: boolean): Printable {
  const { tile, origins, output } = program;
  const { from, to, step } = bandOrigins(program, bandRows);
  const beyond = to - bandRows;
  const { x } = origins;
  const rows = roll
    ? `for (int64_t y = begin; y < end; y += ${step})`
    : `for (int64_t y = ${from}; y < rows${beyond > 0 ? ` + ${beyond}` : ''}; y += ${step})`;
  const columns = `for (int64_t x = ${x.from}; x < ${x.to === output.width ? 'COLUMNS' : x.to}; x += ${x.step})`;
  const [outer, inner] = roll && tile.major === 'x' ? [columns, rows] : [rows, columns];
  return [outer, `  ${inner} {`];
}

function lines(items: readonly string[]): string[] {
  return chunked(items, PER_LINE, '  ');
}

function declared(names: readonly string[]): string {
  return chunked(names, 2 * PER_LINE, ', ').join(',\n               ');
}
