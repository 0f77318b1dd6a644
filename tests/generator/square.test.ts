import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { stagedTile } from '../../generator/families/cuda_staged/plan.js';
import { groups } from '../../generator/group.js';
import { layerName, parseProblemName, problemName } from '../../generator/name.js';
import { type ProblemSpec, problem, weightsOf } from '../../generator/problem.js';
import { fpropProgram, multiplyAdds } from '../../generator/program.js';
import { parseKernelName, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { squareTapSet, tapSet } from '../../generator/taps.js';
import { cpuTarget, parseTarget } from '../../generator/target.js';
import { bestTile, isRectangular, lineTile, rectangleTile } from '../../generator/tile.js';
import { computedAs, computedWeights } from '../../generator/transpose.js';
import { anyAngle, anyKernel, anyLayer, squareProblem } from '../support/arbitrary.js';
import { dgradFormula, formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { notRefused } from '../support/not_refused.js';
import { wholeNumbers } from '../support/numbers.js';
import { latticeValues } from '../support/programs.js';

const SIDES = [1, 3, 5, 7, 9, 13];
const layer = (change: Partial<ProblemSpec> = {}) =>
  problem({ filter: 'square', kernel: 7, height: 56, width: 56, channels: 96, ...change });

describe('a problem with square filters', () => {
  it('has K*K weights a channel, no angles, and one group', () => {
    expect(layer()).toMatchObject({ filter: 'square', kernel: 7, angles: [] });
    expect([
      weightsOf(layer()),
      weightsOf(problem({ height: 1, width: 1, kernel: 31, angles: [0] })),
    ]).toEqual([49, 31]);
    expect(groups(layer())).toEqual([{ from: 0, to: 96, angle: null, taps: squareTapSet(7) }]);
  });

  it('is made from itself', () => expect(problem({ ...layer() })).toEqual(layer()));

  it('has a name that parses back, which no line has', () => {
    expect(layerName(layer())).toBe('fprop_nhwc_f32_56x56_s1_k7x7_c96');
    fc.assert(
      fc.property(anyLayer.map(squareProblem), (one) => {
        expect(parseProblemName(problemName(one))).toEqual(one);
      }),
    );
    for (const wrong of ['k7x5', 'k7x7_a0', 'k07x07', 'k8x8'])
      expect(() => parseProblemName(`fprop_nhwc_f32_56x56_s1_${wrong}_c96`)).toThrow();
  });

  it.each([
    [{ angles: [0] }, /^\[0\]: a square filter has no direction; leave the angles away/],
    [{ kernel: 4 }, /^4: .*must be odd/],
    [{ kernel: 65 }, /^65: the side K of a square filter must be an odd whole number from 1 to 63/],
    [{ filter: 'round' as 'square' }, /^'round': filter must be one of line, square/],
    [{ filter: 'line' as const }, /needs a list of at least one angle/],
  ])('is refused: %j', (change, words) => expect(() => layer(change)).toThrow(words));
});

describe('taps', () => {
  it('are the pixels around the centre, row by row', () => {
    expect(squareTapSet(3).taps.map(({ dy, dx }) => [dy, dx])).toEqual(
      [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx])),
    );
    for (const side of SIDES) {
      const { kernel, taps } = squareTapSet(side);
      expect([kernel, taps.map(({ weights }) => weights)]).toEqual([
        side * side,
        [...taps.keys()].map((k) => [k]),
      ]);
      expect(taps[(kernel - 1) / 2]).toMatchObject({ dy: 0, dx: 0 });
    }
  });

  test('only those of squares fill a rectangle', () => {
    for (const side of SIDES) expect(isRectangular(squareTapSet(side))).toBe(side > 1);
    fc.assert(fc.property(anyKernel, anyAngle, (kernel, angle) => !isRectangular(tapSet(kernel, angle))));
  });
});

describe('tiles', () => {
  it.each([
    [7, '1x7', 91],
    [8, '2x4', 80],
    [14, '2x7', 104],
    [16, '4x4', 100],
    [28, '4x7', 130],
    [49, '7x7', 169],
  ])('of %i outputs are %s and load %i inputs of a 7x7 filter', (length, form, loads) => {
    const tile = bestTile(squareTapSet(7), length);
    expect([`${tile.step.y}x${tile.step.x}`, tile.outputs.length]).toEqual([form, length]);
    const plane = { height: 56, width: 56 };
    const program = fpropProgram(squareTapSet(7), tile, { input: plane, output: plane, stride: 1 });
    expect([program.loads.length, multiplyAdds(program)]).toEqual([loads, 49 * length]);
  });

  it('are lines for lines', () => {
    const taps = tapSet(31, 22.5);
    expect(bestTile(taps, 14)).toBe(lineTile(taps, 14));
  });

  it('of cuda_staged divide rows and have no more outputs than registers for them', () => {
    const form = (size: number, tiles: number) => {
      const tile = stagedTile(layer({ height: size, width: size }), squareTapSet(7), tiles);
      return typeof tile === 'number' ? tile : `${tile.step.y}x${tile.step.x}`;
    };
    expect([form(56, 8), form(56, 4), form(28, 1), form(14, 1), form(7, 1), form(2, 1)]).toEqual([
      '4x7',
      '2x14',
      '1x28',
      '2x14',
      '4x7',
      '2x2',
    ]);
  });

  it('cover every output once, whatever the plane', () => {
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.constantFrom(1, 2, 3),
        (height, width, rows, columns, stride) => {
          const output = { height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
          const plane = { input: { height, width }, output, stride };
          const { origins, tile } = fpropProgram(squareTapSet(3), rectangleTile(rows, columns), plane);
          const seen = latticeValues(origins.y).flatMap((y) =>
            latticeValues(origins.x).flatMap((x) => tile.outputs.map((at) => [y + at.y, x + at.x] as const)),
          );
          const inside = seen.filter(([p, q]) => p < output.height && q < output.width);
          expect(new Set(inside.map(String)).size).toBe(inside.length);
          expect(inside).toHaveLength(output.height * output.width);
        },
      ),
    );
  });
});

test('dgrad at stride 1 is fprop with every filter reversed', () => {
  fc.assert(
    fc.property(anyLayer, fc.boolean(), (spec, resid) => {
      const asked = squareProblem({ ...spec, op: 'dgrad', stride: 1, height: 6, width: 7, channels: 3 });
      const given = operands(asked, wholeNumbers, false, resid);
      const turned = { ...given, weight: computedWeights(asked, given.weight) };
      expect(formula(computedAs(asked), turned)).toEqual(dgradFormula(asked, given));
    }),
    { numRuns: 20 },
  );
});

const SM90 = parseTarget('cuda:sm_90', cpuTarget('plain'));
const AVX512 = cpuTarget('avx512');

const GOLDEN = [
  notRefused(
    schedule(layer({ height: 8, width: 8, kernel: 3, channels: 32 }), AVX512, 'cpp_sheared', {
      ...{ length: 4, lanes: 16, depth: 1, band: 0, prefetch: 1, stream: 1 },
    }),
  ),
  notRefused(
    schedule(layer({ height: 6, width: 6, kernel: 3, channels: 16 }), SM90, 'cuda_staged', {
      ...{ channels: 16, tiles: 2, places: 0, warps: 2, resident: 16 },
    }),
  ),
  notRefused(
    schedule(layer({ height: 6, width: 6, kernel: 3, channels: 8 }), SM90, 'cuda_direct', {
      ...{ length: 6, vector: 1, lanes: 8, along: 1, across: 1, resident: 32 },
    }),
  ),
];

describe.each(GOLDEN.map((made) => [made.name, made] as const))('%s', (name, made) => {
  it('has its text', async () => {
    const extension = made.target.kind === 'cpu' ? 'cpp' : 'cu';
    await expect(source(made).text).toMatchFileSnapshot(`../golden/${name}.${extension}`);
  });

  it('is found by its name', () => expect(parseKernelName(name, made.target)).toEqual(made));

  it('says what its tiles are', () => {
    const { facts } = source(made);
    expect(facts).not.toHaveProperty('angles (degrees)');
    expect(source(made).text).toMatch(/square filter: \dx\d outputs; \d+ loads and \d+ multiply-adds a tile/);
  });
});

describe('schedules are refused', () => {
  const refusal = (...args: Parameters<typeof schedule>) => {
    const made = schedule(...args);
    return made.kind === 'refusal' ? `${made.rule}: ${made.reason}` : made.name;
  };
  const direct = { vector: 1, lanes: 32, along: 1, across: 2, resident: 2 };

  it('whose tiles are larger than the plane', () => {
    const small = layer({ height: 7, width: 7 });
    expect(refusal(small, SM90, 'cuda_direct', { ...direct, length: 50 })).toBe(
      'tile-length: no tile of 50 outputs fits into 7x7',
    );
    // 13 is prime: a row of 13.
    expect(refusal(small, SM90, 'cuda_direct', { ...direct, length: 13 })).toBe(
      'tile-length: no tile of 13 outputs fits into 7x7',
    );
  });

  it('whose bands do not start where tiles do', () => {
    const params = { length: 14, lanes: 16, depth: 1, band: 7, prefetch: 0, stream: 0 };
    expect(refusal(layer(), AVX512, 'cpp_sheared', params)).toBe(
      'band-tile: bands of 7 rows do not start where tiles of 2 do',
    );
  });

  it('of filters that are no straight-line code', () => {
    expect(refusal(layer({ kernel: 17 }), SM90, 'cuda_direct', { ...direct, length: 8 })).toMatch(
      /^kernel-length: 289 taps are no straight-line code/,
    );
  });

  it('of gradients that a family keeps no sums for', () => {
    const wgrad = layer({ op: 'wgrad' });
    const ring = { channels: 16, tiles: 4, warps: 4, resident: 2, images: 1, bands: 1, depth: 1 };
    const switches = { shared: 0, ahead: 0, skip: 0, order: 0, producer: 0 };
    expect(refusal(wgrad, SM90, 'cuda_ring_grad', { ...ring, ...switches })).toBe(
      'filter: cuda_ring_grad computes lines, not square filters',
    );
    const packed = {
      shallow: 14,
      steep: 1,
      threads: 128,
      planes: 1,
      images: 1,
      band: 0,
      order: 0,
      depth: 1,
      resident: 2,
    };
    expect(refusal(layer({ op: 'wgrad', layout: 'nchw' }), SM90, 'cuda_packed_grad', packed)).toBe(
      'taps: 49 sums and that of the bias are more than the 32 lanes of a warp',
    );
    const walk = { ...direct, length: 14, steps: 1, images: 1, shared: 0, order: 0 };
    expect(refusal(layer({ op: 'wgrad', kernel: 9 }), SM90, 'cuda_direct_grad', walk)).toBe(
      'taps: sums on 81 taps and of the bias are more than the 50 that registers hold',
    );
  });

  it('whose registers a quarter of the multiprocessor does not have', () => {
    const staged = { channels: 32, tiles: 1, places: 0, warps: 3, resident: 7 };
    expect(refusal(layer({ height: 14, width: 14, channels: 384 }), SM90, 'cuda_staged', staged)).toBe(
      'registers: 77 weights and sums do not fit into the 80 registers of a thread',
    );
  });
});
