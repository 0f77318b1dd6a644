import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradientParts } from '../../generator/gradient.js';
import { type Problem, problem } from '../../generator/problem.js';
import { latticeSize, type Program } from '../../generator/program.js';
import { tapSet } from '../../generator/taps.js';

const LAYER = fc.record({
  height: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 9 }),
  stride: fc.integer({ min: 1, max: 4 }),
  kernel: fc.integer({ min: 0, max: 5 }).map((half) => 2 * half + 1),
  angle: fc.integer({ min: 0, max: 31 }).map((n) => n * 11.25),
  length: fc.integer({ min: 1, max: 5 }),
});

describe('the parts of a gradient', () => {
  it('multiply each input with each gradient that it meets through a tap, once', () => {
    fc.assert(
      fc.property(LAYER, ({ angle, length, ...size }) => {
        const layer = problem({ ...size, op: 'backward', angles: [angle] });
        expect(walked(layer, angle, length).toSorted()).toEqual(defined(layer, angle).toSorted());
      }),
    );
  });

  it('write each pixel of dx once', () => {
    fc.assert(
      fc.property(LAYER, ({ angle, length, ...size }) => {
        const layer = problem({ ...size, op: 'backward', angles: [angle] });
        const seen = gradientParts(layer, tapSet(layer.kernel, angle), length).flatMap(
          ({ row, column, program }) =>
            tiles(program).flatMap((origin) =>
              program.tile.outputs
                .map(({ y, x }) => ({ y: origin.y + y, x: origin.x + x }))
                .filter(({ y, x }) => inside(y, program.output.height) && inside(x, program.output.width))
                .map(({ y, x }) => `${y * layer.stride + row},${x * layer.stride + column}`),
            ),
        );
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.length).toBe(layer.height * layer.width);
      }),
    );
  });

  it('have all of the loads of a region that lies anywhere, and others without one', () => {
    const layer = problem({
      op: 'wgrad',
      height: 6,
      width: 6,
      stride: 2,
      kernel: 9,
      angles: [0],
      channels: 8,
    });
    const taps = tapSet(9, 0);
    const region = { height: 3, width: 3 };
    const [whole] = gradientParts(layer, taps, 3);
    const [part] = gradientParts(layer, taps, 3, 'x', region);
    // Taps -4, -2, .. 4 are 2, 1, .. -2 pixels of dy away. The plane is 3 wide: without a region two on either side are zeros.
    const columns = (one: typeof part) => one!.program.loads.map(({ dx }) => dx);
    expect(columns(part)).toEqual([-2, -1, 0, 1, 2, 3, 4]);
    expect(columns(whole)).toEqual([0, 1, 2]);
    expect(part!.program.output).toEqual(region);
  });
});

/** `input gradient tap` of every multiply-add that the definition has. */
function defined({ height, width, stride, kernel }: Problem, angle: number): string[] {
  const out = { height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
  return tapSet(kernel, angle).taps.flatMap(({ dy, dx }, tap) =>
    Array.from({ length: out.height * out.width }, (_, at) => {
      const [p, q] = [Math.floor(at / out.width), at % out.width];
      const [y, x] = [p * stride + dy, q * stride + dx];
      return inside(y, height) && inside(x, width) ? [`${y},${x} ${p},${q} ${tap}`] : [];
    }).flat(),
  );
}

function walked(layer: Problem, angle: number, length: number): string[] {
  return gradientParts(layer, tapSet(layer.kernel, angle), length).flatMap(
    ({ row, column, program, slots }) => {
      const { input, output, loads, tile } = program;
      return tiles(program).flatMap((origin) =>
        loads.flatMap(({ dy, dx, uses }) => {
          const [p, q] = [origin.y + dy, origin.x + dx];
          if (!inside(p, input.height) || !inside(q, input.width)) return [];
          return uses.flatMap((use) => {
            const [y, x] = [origin.y + tile.outputs[use.output]!.y, origin.x + tile.outputs[use.output]!.x];
            if (!inside(y, output.height) || !inside(x, output.width)) return [];
            return [`${y * layer.stride + row},${x * layer.stride + column} ${p},${q} ${slots[use.tap]}`];
          });
        }),
      );
    },
  );
}

function tiles({ origins }: Program) {
  const along = (axis: 'y' | 'x') =>
    Array.from({ length: latticeSize(origins[axis]) }, (_, i) => origins[axis].from + i * origins[axis].step);
  return along('y').flatMap((y) => along('x').map((x) => ({ y, x })));
}

function inside(at: number, size: number): boolean {
  return at >= 0 && at < size;
}
