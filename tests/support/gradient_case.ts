import fc from 'fast-check';
import type { Params } from '../../generator/families/family.js';
import { groups } from '../../generator/group.js';
import { type Op, type Problem, type ProblemSpec, problem, weightsOf } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import type { TapSet } from '../../generator/taps.js';
import { cpuTarget, type Isa } from '../../generator/target.js';
import { anyLayer } from './arbitrary.js';
import { LONGEST_TEXT, mostVaried } from './most_varied.js';

const anyParams: fc.Arbitrary<Params> = fc.record({
  length: fc.integer({ min: 1, max: 12 }),
  lanes: fc.constantFrom(1, 2, 4, 8, 16),
  depth: fc.integer({ min: 1, max: 3 }),
  band: fc.constantFrom(0, 0, 1, 3, 8),
  prefetch: fc.constantFrom(0, 1),
  stream: fc.constantFrom(0, 1),
});

interface Change {
  readonly layer?: Partial<ProblemSpec>;
  readonly params?: Params;
}

// Wide vectors need many channels of one direction, streaming whole lines, and slabs that roll NHWC at stride 1.
const CHANGES: readonly Change[] = [
  {},
  { layer: { stride: 1 } },
  { layer: { channels: 32, width: 16 } },
  { layer: { channels: 64, angles: [0, 60] }, params: { lanes: 16, depth: 2, stream: 1 } },
  { layer: { layout: 'nhwc', height: 19, stride: 1 }, params: { prefetch: 2, band: 4, stream: 0 } },
];

const OPS: readonly Op[] = ['wgrad', 'backward', 'backward', 'dgrad'];

/** `count` different legal kernels of small random layers' gradients, the same for the same seed. */
export function someGradients(isa: Isa, count: number, seed: number, make = problem): readonly Schedule[] {
  const anyCase = fc.tuple(anyLayer, anyParams, fc.constantFrom(...CHANGES), fc.constantFrom(...OPS));
  const found = new Map<string, Schedule>();
  for (const [spec, params, change, op] of fc.sample(anyCase, { seed, numRuns: 60 * count })) {
    const asked = make({ ...spec, ...change.layer, op });
    const made = schedule(asked, cpuTarget(isa), 'cpp_sheared_grad', { ...params, ...change.params });
    if (made.kind === 'schedule') found.set(made.name, made);
  }
  return mostVaried([...found.values()], count, LONGEST_TEXT, ({ problem: { op, stride } }) => [
    `${op} strided: ${stride > 1}`,
  ]);
}

/** The C++ of a program that runs kernels over tests/support/gradient_main.cpp, one case each. */
export function gradientCases(kernels: readonly Schedule[]): string {
  const declared = kernels.map(
    ({ name, problem: { op } }) =>
      `extern "C" const ${op === 'dgrad' ? 'O1dKernel' : 'O1dGradient'} ${name};`,
  );
  return [
    ...declared,
    ...kernels.map(({ problem: p }, i) => shapeText(p, i)),
    'int main() {',
    ...kernels.map(
      ({ name, problem: { batch } }, i) => `  run_case("${name}", ${name}, SHAPE_${i}, ${batch});`,
    ),
    '  std::puts("all cases ran");\n}',
  ].join('\n');
}

function shapeText(p: Problem, i: number): string {
  const { layout, channels, height, width, stride } = p;
  const kernel = weightsOf(p);
  const all = groups(p);
  const first = [...all.map(({ from }) => from), channels];
  const offsets = all.map(({ taps }) => offsetsOf(taps));
  const table = (name: string, values: readonly number[]) =>
    `const int32_t ${name}_${i}[] = {${values.join(', ')}};`;
  const sizes = [layout === 'nhwc' ? 1 : 0, channels, height, width, stride, kernel, all.length];
  return [
    table('FIRST_CHANNEL', first),
    table(
      'DY',
      offsets.flatMap(({ dy }) => dy),
    ),
    table(
      'DX',
      offsets.flatMap(({ dx }) => dx),
    ),
    `const O1dShape SHAPE_${i}{${sizes.join(', ')}, FIRST_CHANNEL_${i}, DY_${i}, DX_${i}};`,
  ].join('\n');
}

/** Where each weight reads. */
function offsetsOf({ kernel, taps }: TapSet): { readonly dy: number[]; readonly dx: number[] } {
  const of = Array.from({ length: kernel }, (_, k) => taps.find(({ weights }) => weights.includes(k))!);
  return { dy: of.map((tap) => tap.dy), dx: of.map((tap) => tap.dx) };
}
