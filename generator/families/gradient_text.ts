import type { GradientPart } from '../gradient.js';
import { loadGuards, storeGuards } from '../guard.js';
import type { Op } from '../problem.js';
import type { Load, Use } from '../program.js';
import type { Printable } from '../template.js';
import { chunked } from '../text.js';
import type { Point } from '../tile.js';
import { guardTest, type Test } from './cuda_text.js';
import { type GuardedLoad, guardedGroups } from './guarded_text.js';

const PER_LINE = 4;

/** Which gradients a kernel computes: dgrad that of the input, wgrad those of the weights and the bias, backward all. */
export interface Gradients {
  readonly ofInput: boolean;
  readonly ofWeights: boolean;
}

export function gradientsOf(op: Op): Gradients {
  return { ofInput: op !== 'wgrad', ofWeights: op !== 'dgrad' };
}

/** What a value of dy is multiplied for: a pixel of dx, a sum of dw, or both. */
export function gradientCount({ ofInput, ofWeights }: Gradients): 1 | 2 {
  return ofInput && ofWeights ? 2 : 1;
}

/**
 * How a family writes a tile of a part: `x0`, `x1`, .. are its pixels of x, `a0`, .. the sums of dx, `v` the value of dy
 * that was loaded last, `w[t]` the weight on the direction's tap t, `d[t]` the sum of dw there, and d[BIAS] that of db.
 */
export interface GradientForms {
  /** The type of a value, and its zero. */
  readonly type: string;
  readonly zero: string;
  /** The pixel of x that an output's gradient belongs to. */
  input(output: Point): string;
  /** A value of dy. */
  grad(load: Load): string;
  /** Writes a pixel of dx. */
  store(output: Point, sum: string): string;
  /** What must hold for a load of dy to be inside; left out: what the program's guards say. */
  gradTests?(load: Load): readonly Test[];
  /** Tiles meet values of dy that belong to other tiles' pixels, as a band does in the rows beside it: those add nothing to db. */
  readonly overlapping?: boolean;
  /** The axis on which lanes of a warp have the same place, mostly. */
  readonly uniform?: 'y' | 'x' | undefined;
}

/**
 * A tile's code: `guards` are tests of the origin `y`, `x` in the part's pixels; `inputs` declare x and sums; `loads` have a
 * `value` and `rows` of multiply-adds; `groups` are the same loads as guarded_text.ts has them; `puts` store dx.
 * @param centre the direction's tap on the pixel itself
 */
export function gradientText(
  { program, slots }: GradientPart,
  centre: number,
  gradients: Gradients,
  forms: GradientForms,
): Readonly<Record<string, Printable>> {
  const { ofInput, ofWeights } = gradients;
  const tests = new Map<string, Test>();
  const all = (needed: readonly Test[]) => {
    for (const test of needed) tests.set(test.name, test);
    return needed.map(({ name }) => name).join(' && ');
  };
  const { type, zero } = forms;
  const met = new Set(program.loads.flatMap(({ uses }) => uses.map(({ output }) => output)));
  const placeTests = (output: Point) => storeGuards(program, output).map((guard) => guardTest(guard, 'o'));
  const outputs = program.tile.outputs.map((output, o) => ({
    output,
    o,
    // A pixel that no tap meets adds to no sum.
    inside: ofInput || met.has(o) ? all(placeTests(output)) : '',
  }));
  const guarded = (test: string, value: string) => (test ? `${test} ? ${value} : ${zero}` : value);
  const inputs = [
    ...(ofWeights
      ? outputs
          .filter(({ o }) => met.has(o))
          .map(({ output, o, inside }) => `const ${type} x${o} = ${guarded(inside, forms.input(output))};`)
      : []),
    ...(ofInput ? outputs.map(({ o }) => `${type} a${o} = ${zero};`) : []),
  ];
  const biasText = (inside: string) =>
    inside && forms.overlapping ? `if (${inside}) add(d[BIAS], v);` : 'add(d[BIAS], v);';
  const gradTests =
    forms.gradTests ?? ((load: Load) => loadGuards(program, load).map((guard) => guardTest(guard, 'i')));
  const guardedLoads: GuardedLoad[] = [];
  const loads = program.loads.map((load) => {
    const uses = usesText(load, slots, centre, gradients, (output) => biasText(outputs[output]!.inside));
    const needed = gradTests(load);
    const read = forms.grad(load);
    guardedLoads.push({ tests: needed, read, uses });
    return { value: guarded(all(needed), read), rows: chunked(uses, PER_LINE, ' ') };
  });
  const puts = ofInput
    ? outputs.map(
        ({ output, o, inside }) => `${inside ? `if (${inside}) ` : ''}${forms.store(output, `a${o}`)}`,
      )
    : [];
  return {
    guards: [...tests.values()].map((test) => ({ ...test })),
    inputs,
    loads,
    groups: guardedGroups(guardedLoads, zero, forms.uniform),
    puts,
  };
}

/**
 * What a value of dy, `v` unless another one is named, is loaded for: its multiply-adds, and on the pixel that it belongs to
 * what `bias` says, since every value meets the centre once.
 */
export function usesText(
  { uses }: Load,
  slots: readonly number[],
  centre: number,
  { ofInput, ofWeights }: Gradients,
  bias: (output: number) => string,
  value = 'v',
): readonly string[] {
  return uses.flatMap((use) => [
    ...(ofInput ? [inputUse(use, slots, value)] : []),
    ...(ofWeights ? weightUses(use, slots, centre, bias, value) : []),
  ]);
}

/** What it adds to a sum of dx. */
export function inputUse({ output, tap }: Use, slots: readonly number[], value = 'v'): string {
  return `mad(a${output}, ${value}, w[${slots[tap]!}]);`;
}

/** What it adds to a sum of dw, and to that of db. */
export function weightUses(
  { output, tap }: Use,
  slots: readonly number[],
  centre: number,
  bias: (output: number) => string,
  value = 'v',
): readonly string[] {
  const slot = slots[tap]!;
  return [`mad(d[${slot}], ${value}, x${output});`, ...(slot === centre ? [bias(output)] : [])];
}
