import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { insideShare, multiplyAdds, type Program } from '../../generator/program.js';
import { bandOrigins, slabOf, slabPixels } from '../../generator/slab.js';
import { anyProgram, latticeValues, lineProgram } from '../support/programs.js';

/** Runs a program as the kernels do: each tile loads, multiplies and adds, and stores what is inside. */
function interpret(program: Program, input: (y: number, x: number) => number): Map<string, number[]> {
  const results = new Map<string, number[]>();
  for (const y of latticeValues(program.origins.y))
    for (const x of latticeValues(program.origins.x)) {
      const sums = program.tile.outputs.map(() => 0);
      for (const { dy, dx, uses } of program.loads) {
        const value = input(y * program.stride + dy, x * program.stride + dx);
        for (const { output, tap } of uses) sums[output]! += value * (tap + 1);
      }
      program.tile.outputs.forEach((output, i) => {
        const [p, q] = [y + output.y, x + output.x];
        if (p < 0 || p >= program.output.height || q < 0 || q >= program.output.width) return;
        results.set(`${p},${q}`, [...(results.get(`${p},${q}`) ?? []), sums[i]!]);
      });
    }
  return results;
}

describe('fpropProgram', () => {
  it('computes every output once, and computes the formula', () => {
    fc.assert(
      fc.property(anyProgram, (program) => {
        const { input, output, stride, taps } = program;
        const pixel = (y: number, x: number) =>
          y >= 0 && y < input.height && x >= 0 && x < input.width ? ((y * 31 + x * 17) % 13) + 1 : 0;
        const results = interpret(program, pixel);
        expect(results.size).toBe(output.height * output.width);
        for (const [key, sums] of results) {
          const [p, q] = key.split(',').map(Number) as [number, number];
          const expected = taps.taps.reduce(
            (sum, { dy, dx }, t) => sum + (t + 1) * pixel(p * stride + dy, q * stride + dx),
            0,
          );
          expect(sums).toEqual([expected]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('leaves out what can only meet zeros', () => {
    const whole = lineProgram(31, 0, 14, { height: 14, width: 14, stride: 1 });
    expect([whole.loads.length, multiplyAdds(whole)]).toEqual([14, 14 * 14]);
    const part = lineProgram(31, 0, 14, { height: 56, width: 56, stride: 1 });
    expect([part.loads.length, multiplyAdds(part)]).toEqual([44, 14 * 31]);
  });
});

test('insideShare counts the tiles whose load lies inside', () => {
  fc.assert(
    fc.property(anyProgram, (program) => {
      for (const load of program.loads)
        for (const [axis, offset, size] of [
          ['y', load.dy, program.input.height],
          ['x', load.dx, program.input.width],
        ] as const) {
          const places = [...latticeValues(program.origins[axis])].map((at) => at * program.stride + offset);
          const inside = places.filter((at) => at >= 0 && at < size).length;
          expect(insideShare(program, load, axis)).toBe(inside / places.length);
        }
    }),
    { numRuns: 200 },
  );
});

describe('slabOf', () => {
  it('holds what every tile reads, and keeps what valid outputs read apart', () => {
    fc.assert(
      fc.property(anyProgram, fc.integer({ min: 1, max: 24 }), (program, wanted) => {
        const { stride, tile, origins } = program;
        const rows = Math.min(wanted, program.output.height);
        const slab = slabOf(program, rows);
        for (const y of latticeValues(bandOrigins(program, rows)))
          for (const x of latticeValues(origins.x))
            for (const { dy, dx, uses } of program.loads) {
              const [r, c] = [y * stride + dy - slab.top, x * stride + dx - slab.left];
              const at = slab.before + r * slab.pitch + c;
              expect(at >= 0 && at < slabPixels(slab)).toBe(true);
              const valid = uses.some(({ output }) => {
                const [p, q] = [y + tile.outputs[output]!.y, x + tile.outputs[output]!.x];
                return p >= 0 && p < rows && q >= 0 && q < program.output.width;
              });
              if (valid)
                expect(
                  [r, c, r < slab.rows, c < slab.pitch].every((v) => v === true || (v as number) >= 0),
                ).toBe(true);
            }
      }),
      { numRuns: 200 },
    );
  });
});
