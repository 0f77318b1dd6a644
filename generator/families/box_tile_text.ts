import type { Printable } from '../template.js';
import { chunked } from '../text.js';
import { shearTests, tilePixels } from './box_pixels.js';
import { groupTexts, type LineForm } from './box_text.js';

const PER_LINE = 5;

/**
 * What cuda/staged_tile prints: sums that begin as the bias, loads with their multiply-adds, stores.
 * @param place the tile's number in its line where that is known, so that nothing has to be tested
 */
export function boxTileText(line: LineForm, place?: number): Readonly<Record<string, Printable>> {
  const sums = line.program.tile.outputs.map((_, i) => `a${i} = bias`);
  const stored = tilePixels(line, place);
  return {
    sums: chunked(sums, PER_LINE, ', ').map((some) => `float ${some};`),
    groups: groupTexts(
      line,
      ({ uses }) =>
        chunked(
          uses.map(({ output, tap }) => `mad(a${output}, v, w[${tap}]);`),
          PER_LINE,
          '  ',
        ),
      place,
    ),
    tests: shearTests(line, stored).map((test) => ({ ...test })),
    puts: stored.map(({ output, offset, test }) => `if (${test}) out[${offset}] = a${output};`),
  };
}
