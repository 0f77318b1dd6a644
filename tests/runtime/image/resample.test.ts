import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Axis, resample } from '../../../runtime/image/resample.js';

/** A part of an axis, scaled up or down. */
const axis: fc.Arbitrary<Axis> = fc
  .record({ from: fc.integer({ min: 1, max: 60 }), to: fc.integer({ min: 1, max: 60 }) })
  .chain(({ from, to }) =>
    fc
      .integer({ min: 0, max: to - 1 })
      .chain((start) => fc.integer({ min: 1, max: to - start }).map((count) => ({ from, to, start, count }))),
  );
const image = fc.tuple(axis, axis).chain(([rows, columns]) => {
  const length = rows.from * columns.from * 3;
  return fc.uint8Array({ minLength: length, maxLength: length }).map((pixels) => ({ pixels, rows, columns }));
});

/** Keys 1981 with a = -1/2, straight from its definition. */
function bell(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
  return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
}

/** Weights of all inputs of one output. */
function weights({ from, to }: Axis, output: number): readonly number[] {
  const stretch = Math.max(1, from / to);
  const centre = (output + 0.5) * (from / to);
  const values = Array.from({ length: from }, (_, i) => bell((i + 0.5 - centre) / stretch));
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

test('is the sum of pixels by the cubic, rounded between the passes and after', () => {
  fc.assert(
    fc.property(image, ({ pixels, rows, columns }) => {
      const made = resample(pixels, rows, columns);
      const byte = (value: number) => Math.min(255, Math.max(0, Math.floor(value + 0.5)));
      for (const [y, x, c] of [
        [0, 0, 0],
        [rows.count - 1, columns.count - 1, 2],
        [rows.count >> 1, columns.count >> 1, 1],
      ] as const) {
        const across = weights(columns, columns.start + x);
        const down = weights(rows, rows.start + y);
        const column = down.map((_, row) =>
          byte(
            across.reduce((sum, weight, i) => sum + weight * pixels[(row * columns.from + i) * 3 + c]!, 0),
          ),
        );
        const expected = byte(down.reduce((sum, weight, row) => sum + weight * column[row]!, 0));
        // A sum that is a half to the last bit may be rounded either way, in each of the passes.
        expect(Math.abs(made[(y * columns.count + x) * 3 + c]! - expected)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('a part is that part of the whole', () => {
  fc.assert(
    fc.property(image, ({ pixels, rows, columns }) => {
      const whole = resample(
        pixels,
        { ...rows, start: 0, count: rows.to },
        { ...columns, start: 0, count: columns.to },
      );
      const part = resample(pixels, rows, columns);
      const row = columns.count * 3;
      for (let y = 0; y < rows.count; y++) {
        const from = ((rows.start + y) * columns.to + columns.start) * 3;
        expect(Buffer.compare(part.subarray(y * row, (y + 1) * row), whole.subarray(from, from + row))).toBe(
          0,
        );
      }
    }),
  );
});

test('an image of its own size stays as it is', () => {
  fc.assert(
    fc.property(image, ({ pixels, rows, columns }) => {
      const same = ({ from }: Axis): Axis => ({ from, to: from, start: 0, count: from });
      expect(Buffer.compare(resample(pixels, same(rows), same(columns)), pixels)).toBe(0);
    }),
  );
});
