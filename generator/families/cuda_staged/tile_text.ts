import { encodeNumber } from '../../name.js';
import type { Load, Program } from '../../program.js';
import type { Printable } from '../../template.js';
import { chunked } from '../../text.js';
import { plus } from '../cuda_text.js';

const PER_LINE = 5;

/** A tile's line: which way it goes, how large planes are across it and along it, and how many tiles it has. */
export interface LineForm {
  readonly program: Program;
  readonly tiles: number;
  readonly major: 'y' | 'x';
  readonly minor: 'y' | 'x';
  readonly across: Axis;
  readonly along: Axis;
}

/** Names of constants that the template has. */
interface Axis {
  readonly size: number;
  readonly sizeName: string;
  readonly step: string;
  readonly outStep: string;
}

const ROWS = { sizeName: 'HEIGHT', step: 'ROW', outStep: 'OUT_ROW' };
const COLUMNS = { sizeName: 'WIDTH', step: 'COLUMN', outStep: 'OUT_COLUMN' };

export function lineForm(program: Program, tiles: number): LineForm {
  const rows = { ...ROWS, size: program.output.height };
  const columns = { ...COLUMNS, size: program.output.width };
  return program.tile.major === 'x'
    ? { program, tiles, major: 'x', minor: 'y', across: rows, along: columns }
    : { program, tiles, major: 'y', minor: 'x', across: columns, along: rows };
}

/**
 * What cuda/staged_tile prints: sums that begin as the bias, loads with their multiply-adds, stores. Loads that fall on the
 * same tile of the line are there or not together.
 * @param place the tile's number in its line where that is known, so that nothing has to be tested
 */
export function tileText(line: LineForm, place?: number): Readonly<Record<string, Printable>> {
  const sums = line.program.tile.outputs.map((_, i) => `a${i} = bias`);
  const stored = storedOutputs(line, place);
  const shears = new Set(stored.map(({ shear }) => shear));
  return {
    sums: chunked(sums, PER_LINE, ', ').map((some) => `float ${some};`),
    groups: loadGroups(line)
      .filter(([at]) => place === undefined || (place + at >= 0 && place + at < line.tiles))
      .map(([at, loads]) => ({
        test: place === undefined ? groupTest(at) : '',
        ...groupText(line, loads),
      })),
    tests: [...shears].map((shear) => ({
      name: shearTest(shear),
      condition: `inside(${plus('line', shear)}, ${line.across.sizeName})`,
    })),
    puts: stored.map((output) => putText(line, output)),
  };
}

/** Loads by the tile that they fall on, 0 being the one that is computed. */
function loadGroups({ program, major, tiles }: LineForm): readonly [number, readonly Load[]][] {
  const groups = new Map<number, Load[]>();
  for (const load of program.loads) {
    const at = Math.floor((major === 'x' ? load.dx : load.dy) / program.tile.outputs.length);
    if (Math.abs(at) < tiles) groups.set(at, [...(groups.get(at) ?? []), load]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

function groupTest(at: number): string {
  if (at === 0) return '';
  return at < 0 ? `if (along >= ${-at}) ` : `if (along < TILES - ${at}) `;
}

function groupText({ minor, across, along }: LineForm, loads: readonly Load[]) {
  const offsets = ({ dy, dx }: Load) => (minor === 'y' ? { shear: dy, at: dx } : { shear: dx, at: dy });
  const shears = [...new Set(loads.map((load) => offsets(load).shear))].sort((a, b) => a - b);
  return {
    lines: shears.map((shear) => ({
      name: lineName(shear),
      value: `in + moved(${plus('line', shear)}, ${across.sizeName}) * ${across.step}`,
    })),
    loads: loads.map((load) => ({
      value: `${lineName(offsets(load).shear)}[${offsets(load).at} * ${along.step}]`,
      rows: chunked(
        load.uses.map(({ output, tap }) => `mad(a${output}, v, w[${tap}]);`),
        PER_LINE,
        '  ',
      ),
    })),
  };
}

/** An output and where it lies in its tile. */
interface Stored {
  readonly output: number;
  readonly shear: number;
  readonly at: number;
  /** Whether the last tile of a line does not have it, and another place may be computed. */
  readonly tested: boolean;
}

/** Outputs that are inside of the plane: tiles may be more than a line can fill. */
function storedOutputs({ program, tiles, major, minor, along }: LineForm, place?: number): readonly Stored[] {
  const { outputs } = program.tile;
  return outputs.flatMap(({ [major]: at, [minor]: shear }, output) => {
    const sticksOut = (tiles - 1) * outputs.length + at >= along.size;
    if (sticksOut && place === tiles - 1) return [];
    return [{ output, shear, at, tested: sticksOut && place === undefined }];
  });
}

function putText({ across, along }: LineForm, { output, shear, at, tested }: Stored): string {
  const test = tested ? `${shearTest(shear)} && along < TILES - 1` : shearTest(shear);
  return `if (${test}) out[${shear} * ${across.outStep} + ${at} * ${along.outStep}] = a${output};`;
}

function lineName(shear: number): string {
  return `r_${encodeNumber(shear)}`;
}

function shearTest(shear: number): string {
  return `o_${encodeNumber(shear)}`;
}
