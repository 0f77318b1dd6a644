import { commonGuards, type Guard, loadGuards, storeGuards } from '../guard.js';
import { encodeNumber } from '../name.js';
import type { Load, Program, Use } from '../program.js';
import type { Printable } from '../template.js';
import { chunked } from '../text.js';
import type { Point } from '../tile.js';
import { centreTap } from './body_text.js';
import { type GuardedLoad, guardedGroups } from './guarded_text.js';

// What the templates of the CUDA families print in the same way: the straight-line code of a tile, and the tables that
// fold weights into taps.

const PER_LINE = 5;

/** A condition that is computed once a tile, under a name. */
export interface Test {
  readonly name: string;
  readonly condition: string;
  /** Of a guard: the axis that it is a test of. */
  readonly axis?: 'y' | 'x';
}

/** How a family writes a tile: `v` is the value that was loaded last, `a0`, `a1`, .. are the sums. */
export interface TileForms {
  /** The type of a sum. */
  readonly type: string;
  readonly zero: string;
  /** Columns that the code is indented by; left out: 4. */
  readonly indent?: number;
  load(load: Load): string;
  /** @param value the name of the value that was loaded */
  multiplyAdd(use: Use, value: string): string;
  store(output: Point, sum: string): string;
  /** What must hold for a load to be inside; left out: what the program's guards say. */
  loadTests?(load: Load): readonly Test[];
  /** The axis on which lanes of a warp have the same place, mostly. */
  readonly uniform?: 'y' | 'x' | undefined;
}

/**
 * A tile's code: tests, sums that begin as the bias, loads with their multiply-adds, stores. `loads` read zero
 * where their tests fail; `groups` are the same loads as guarded_text.ts has them.
 */
export function tileText(program: Program, forms: TileForms): Readonly<Record<string, Printable>> {
  const tests = new Map<string, Test>();
  const all = (needed: readonly Test[]) => {
    for (const test of needed) tests.set(test.name, test);
    return needed.map(({ name }) => name).join(' && ');
  };
  const loadTests =
    forms.loadTests ?? ((load) => loadGuards(program, load).map((guard) => guardTest(guard, 'i')));
  const guarded: GuardedLoad[] = [];
  const loads = program.loads.map((load) => {
    const needed = loadTests(load);
    const test = all(needed);
    const read = forms.load(load);
    const uses = load.uses.map((use) => forms.multiplyAdd(use, 'v'));
    guarded.push({ tests: needed, read, uses });
    return {
      value: test ? `${test} ? ${read} : ${forms.zero}` : read,
      rows: chunked(uses, PER_LINE, '  '),
    };
  });
  const puts = program.tile.outputs.map((output, i) => {
    const test = all(storeGuards(program, output).map((guard) => guardTest(guard, 'o')));
    const store = forms.store(output, `a${i}`);
    return test ? `if (${test}) ${store}` : store;
  });
  return {
    guards: [...tests.values()].map((test) => ({ ...test })),
    accumulators: accumulatorsText(program, forms),
    loads,
    groups: guardedGroups(guarded, forms.zero, forms.uniform),
    puts,
  };
}

/** The sums of a tile, which begin as the bias. */
export function accumulatorsText(
  { tile }: Program,
  { type, indent }: Pick<TileForms, 'type' | 'indent'>,
): string {
  const sums = tile.outputs.map((_, i) => `a${i} = bias`);
  // Lines after the first stand under its first sum.
  const under = ' '.repeat((indent ?? 4) + type.length + 1);
  return chunked(sums, PER_LINE, ', ').join(`,\n${under}`);
}

/** A guard as a test of a tile's origin `y`, `x`, which is an output's place; `i` for input, `o` for output. */
export function guardTest(guard: Guard, of: 'i' | 'o'): Test {
  const { axis, offset } = guard;
  return { name: `${of}${axis}_${encodeNumber(offset)}`, condition: guardText(guard), axis };
}

/**
 * The same of a load, with one test for all that are inside together.
 * @param row in a band, which has the rows that were copied and not the plane's: where the tile's row lies among them
 */
export function commonTests(program: Program, load: Load, row?: string): readonly Test[] {
  const guards = commonGuards(program, load);
  if (row === undefined) return guards.map((guard) => guardTest(guard, 'i'));
  const columns = guards.filter(({ axis }) => axis === 'x').map((guard) => guardTest(guard, 'i'));
  const copied = {
    name: `iy_${encodeNumber(load.dy)}`,
    condition: `inside(${plus(row, load.dy)}, step.rows)`,
  };
  return [copied, ...columns];
}

function guardText({ axis, offset, scale, size, test }: Guard): string {
  const at = plus(scale === 1 ? axis : `${axis} * ${scale}`, offset);
  switch (test) {
    case 'both':
      return `inside(${at}, ${size})`;
    case 'from-zero':
      return `${at} >= 0`;
    case 'below-size':
      return `${at} < ${size}`;
    default:
      return test satisfies never;
  }
}

/** `y`, `y + 3`, `y - 3`. */
export function plus(name: string, offset: number): string {
  return offset === 0 ? name : `${name} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
}

/** A tile's origin in words of its number along the major axis and across it: `along * 14`, `across - 3`, `across * 4`. */
export function tilePlace(
  { tile: { major, step }, origins }: Program,
  along: string,
  across: string,
): Record<'y' | 'x', string> {
  const place = (axis: 'y' | 'x') => {
    if (axis === major) return `${along} * ${step[axis]}`;
    return step[axis] === 1 ? plus(across, origins[axis].from) : `${across} * ${step[axis]}`;
  };
  return { y: place('y'), x: place('x') };
}

/** Channels [from, to) of the body with this number. */
export interface ChannelRange {
  readonly from: number;
  readonly to: number;
  readonly body: number;
}

/** The same with neighbours of one body as one. */
export function bodyRanges(ranges: readonly ChannelRange[]): readonly ChannelRange[] {
  const merged: ChannelRange[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last?.body === range.body) merged[merged.length - 1] = { ...last, to: range.to };
    else merged.push(range);
  }
  return merged;
}

/**
 * What the partials fold and pack print: channels of each body, and for each body the weights that fold on each tap,
 * which is its `first`. `biasRow`: the taps of the longest body; the bias lies behind them.
 */
export function foldText(programs: readonly Pick<Program, 'taps'>[], ranges: readonly ChannelRange[]) {
  const biasRow = Math.max(...programs.map(({ taps }) => taps.taps.length));
  const list = (value: (range: ChannelRange) => number) => ranges.map(value).join(', ');
  return {
    biasRow,
    chunkFrom: list(({ from }) => from),
    chunkTo: list(({ to }) => to),
    chunkBody: list(({ body }) => body),
    centres: programs.map(({ taps }) => centreTap(taps)).join(', '),
    firsts: programs.map(({ taps: { taps, kernel } }) => {
      const first = taps.map((tap) => tap.weights[0]!);
      return [...first, ...Array<number>(biasRow + 1 - first.length).fill(kernel)].join(', ');
    }),
  };
}
