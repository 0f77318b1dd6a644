import type { GradientPart } from '../gradient.js';
import type { Load, Program } from '../program.js';
import type { Printable } from '../template.js';
import { chunked } from '../text.js';
import type { Point } from '../tile.js';
import { accumulatorsText, type Test, type TileForms } from './cuda_text.js';
import { type GradientForms, type Gradients, usesText } from './gradient_text.js';
import { conjunction } from './guarded_text.js';
import { FOUR, type RowLoads, rowLoads } from './whole_row.js';

// How tiles are written that are whole rows: in fours, which are read and written at once. `four(p)` reads those from p on,
// `q` are those that were read last, `put_four(p, a, b, c, d)` writes four. No column needs a test, and what would meet zeros
// beside the plane is not there at all; a row above or below the plane is a branch around all that it is for.

const FIELDS = ['x', 'y', 'z', 'w'] as const;
const PER_LINE = 4;

type Tested<F extends { loadTests?: unknown }> = F & Required<Pick<F, 'loadTests'>>;

/** A row of outputs; what tileText has of other tiles. @param place where an output is written */
export function rowText(
  program: Program,
  forms: Tested<TileForms>,
  place: (output: Point) => string,
): Readonly<Record<string, Printable>> {
  const uses = (load: Load, value: string) => load.uses.map((use) => forms.multiplyAdd(use, value));
  return {
    guards: testsOf(program, forms.loadTests),
    accumulators: accumulatorsText(program, forms),
    groups: rowLoads(program).map((row) => rowGroup(row, forms.loadTests, forms.load, uses)),
    puts: putsText(program, place),
  };
}

/** The same of gradients, where dx takes the place of x; what gradientText has of other tiles. */
export function gradientRowText(
  { program, slots }: GradientPart,
  centre: number,
  gradients: Gradients,
  {
    input,
    grad,
    gradTests,
  }: Pick<GradientForms, 'input' | 'grad'> & Required<Pick<GradientForms, 'gradTests'>>,
): Readonly<Record<string, Printable>> {
  const { ofInput, ofWeights } = gradients;
  const uses = (load: Load, value: string) =>
    usesText(load, slots, centre, gradients, () => `add(d[BIAS], ${value});`, value);
  return {
    guards: testsOf(program, gradTests),
    inputs: fours(program).flatMap((four) => [
      ...(ofWeights ? pixelsText(four, input) : []),
      ...(ofInput ? [`float ${four.map((o) => `a${o} = 0.0f`).join(', ')};`] : []),
    ]),
    groups: rowLoads(program).map((row) => rowGroup(row, gradTests, grad, uses)),
    puts: ofInput ? putsText(program, input) : [],
  };
}

/** The places of a row's pixels, four by four. */
function fours({ tile }: Program): readonly (readonly number[])[] {
  return Array.from({ length: tile.outputs.length / FOUR }, (_, i) => FIELDS.map((_, at) => FOUR * i + at));
}

function pixelsText(four: readonly number[], input: (output: Point) => string): readonly string[] {
  const name = `p${four[0]!}`;
  return [
    `const float4 ${name} = four(${input({ y: 0, x: four[0]! })});`,
    `const float ${four.map((o, i) => `x${o} = ${name}.${FIELDS[i]!}`).join(', ')};`,
  ];
}

function putsText(program: Program, place: (output: Point) => string): readonly string[] {
  return fours(program).map(
    (four) => `put_four(${place({ y: 0, x: four[0]! })}, ${four.map((o) => `a${o}`).join(', ')});`,
  );
}

function rowGroup(
  { dy, fours }: RowLoads,
  testsOfLoad: (load: Load) => readonly Test[],
  read: (load: Load) => string,
  uses: (load: Load, value: string) => readonly string[],
): Printable {
  const test = conjunction(testsOfLoad(fours[0]!.loads[0]!));
  const loads = fours.map(({ dx, loads }) => {
    const used = loads.flatMap((load) => uses(load, `q.${FIELDS[load.dx - dx]!}`));
    const rows = [`q = four(${read({ dy, dx, uses: [] })});`, ...chunked(used, PER_LINE, '  ')];
    return { test: '', guarded: false, again: false, rows };
  });
  return { test, guarded: test !== '', loads };
}

/** Each once. */
function testsOf({ loads }: Program, tests: (load: Load) => readonly Test[]): readonly Printable[] {
  const named = new Map(loads.flatMap(tests).map((test) => [test.name, test]));
  return [...named.values()].map((test) => ({ ...test }));
}
