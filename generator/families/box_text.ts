import { encodeNumber } from '../name.js';
import type { Load, Program } from '../program.js';
import type { Printable } from '../template.js';
import { plus } from './cuda_text.js';

// How a tile is written whose loads find their plane in shared memory with zeros behind it (plane_box.ts). Across lines,
// places outside of the plane are moved to the zeros; along them, one test serves all loads that lie in the same tile.

/** A tile's line: which way it goes, how large planes are across it and along it, and how many tiles it has. */
export interface LineForm {
  readonly program: Program;
  readonly tiles: number;
  readonly major: 'y' | 'x';
  readonly minor: 'y' | 'x';
  readonly across: Axis;
  readonly along: Axis;
  /** What stands behind the names of functions that move and test lines: a template's arguments, or nothing. */
  readonly choice: string;
}

/** Names of constants that templates have. */
interface Axis {
  readonly size: number;
  readonly sizeName: string;
  readonly step: string;
  readonly outStep: string;
}

const ROWS = { sizeName: 'HEIGHT', step: 'ROW', outStep: 'OUT_ROW' };
const COLUMNS = { sizeName: 'WIDTH', step: 'COLUMN', outStep: 'OUT_COLUMN' };

export function lineForm(program: Program, tiles: number, choice = ''): LineForm {
  const rows = { ...ROWS, size: program.output.height };
  const columns = { ...COLUMNS, size: program.output.width };
  return program.tile.major === 'x'
    ? { program, tiles, choice, major: 'x', minor: 'y', across: rows, along: columns }
    : { program, tiles, choice, major: 'y', minor: 'x', across: columns, along: rows };
}

/** Loads that have a test in common, which is empty for those that are always there; and what they are multiplied for. */
export interface GroupText extends Readonly<Record<string, Printable>> {
  readonly test: string;
}

/** What stands in front of a run of loads. */
type Start = (loads: readonly Load[]) => readonly string[];

/**
 * Loads by the tile of the line that they fall on: those of a tile are there or not together.
 * @param rows the multiply-adds of a load, whose value is `v`
 * @param place the tile's number in its line where that is known, so that nothing has to be tested
 * @param start what a run of loads begins with
 */
export function groupTexts(
  line: LineForm,
  rows: (load: Load) => readonly string[],
  place?: number,
  start?: Start,
): readonly GroupText[] {
  return loadGroups(line)
    .filter(([at]) => place === undefined || (place + at >= 0 && place + at < line.tiles))
    .map(([at, loads]) => ({
      test: branch(place === undefined ? groupTest(at) : []),
      ...groupText(line, loads, rows, start),
    }));
}

/**
 * The same, and within a tile by line: warps whose lines are all outside there skip its loads. `group_line` is the first
 * of the warp's lines, and the template's `meets` says whether one of its lines is inside.
 * @param start what a run of loads begins with
 */
export function skippedTexts(
  line: LineForm,
  rows: (load: Load) => readonly string[],
  start?: Start,
): readonly GroupText[] {
  const { program, across } = line;
  // The lines of a row or column are inside altogether.
  if (shearsOf(program, program.loads).length === 1) return groupTexts(line, rows, undefined, start);
  return loadGroups(line).flatMap(([at, loads]) =>
    shearsOf(program, loads).map((shear) => {
      const own = loads.filter((load) => shearOf(program, load) === shear);
      const meets = `meets(${plus('group_line', shear)}, ${across.sizeName})`;
      return { test: branch([...groupTest(at), meets]), ...groupText(line, own, rows, start) };
    }),
  );
}

/** A load's line, from that of its tile. */
export function shearOf({ tile }: Program, { dy, dx }: Load): number {
  return tile.major === 'x' ? dy : dx;
}

function shearsOf(program: Program, loads: readonly Load[]): readonly number[] {
  return [...new Set(loads.map((load) => shearOf(program, load)))].sort((a, b) => a - b);
}

/** The tile of the line that a load falls on, from the one that is computed: 0 is that itself. */
export function tileOf({ program, major }: LineForm, load: Load): number {
  return Math.floor((major === 'x' ? load.dx : load.dy) / program.tile.step[major]);
}

/** Loads by the tile that they fall on. */
function loadGroups(line: LineForm): readonly [number, readonly Load[]][] {
  const groups = new Map<number, Load[]>();
  for (const load of line.program.loads) {
    const at = tileOf(line, load);
    if (Math.abs(at) < line.tiles) groups.set(at, [...(groups.get(at) ?? []), load]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

function groupTest(at: number): readonly string[] {
  if (at === 0) return [];
  return [at < 0 ? `along >= ${-at}` : `along < TILES - ${at}`];
}

function branch(tests: readonly string[]): string {
  return tests.length === 0 ? '' : `if (${tests.join(' && ')}) `;
}

function groupText(
  { program, major, across, along, choice }: LineForm,
  loads: readonly Load[],
  rows: (load: Load) => readonly string[],
  start: Start = () => [],
) {
  return {
    starts: start(loads),
    lines: shearsOf(program, loads).map((shear) => ({
      name: lineName(shear),
      value: `line_at(in, moved${choice}(${plus('line', shear)}, ${across.sizeName}), ${across.step})`,
    })),
    loads: loads.map((load) => ({
      value: `${lineName(shearOf(program, load))}[${major === 'x' ? load.dx : load.dy} * ${along.step}]`,
      rows: rows(load),
    })),
  };
}

function lineName(shear: number): string {
  return `r_${encodeNumber(shear)}`;
}
