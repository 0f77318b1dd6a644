import { memoize } from './memo.js';
import { type Extent, inputSize, outputSize, type Problem } from './problem.js';
import { fpropProgram, type Plane, type Program } from './program.js';
import { type TapSet, tapSetKey } from './taps.js';
import { chosenTile, type Diagonal, type Tile, type TileChoice, tileKey } from './tile.js';

/**
 * The gradients at those pixels of a layer's input that share their remainders by the stride: pixel (y, x) of the part
 * lies at (stride * y + row, stride * x + column). A tap t meets a part whole or not at all, since
 *
 *   dx[i] = sum_t w[t] dy[(i - t) / stride]     and     dw[t] = sum_i x[i] dy[(i - t) / stride]
 *
 * run over the i for which i - t is divisible. So a part is a convolution of dy at stride 1 with its own taps, shifted
 * and negated, and the gradients of a layer are those of its parts; at stride 1 there is one.
 */
export interface GradientPart {
  readonly row: number;
  readonly column: number;
  /**
   * In the part's own pixels: its outputs are those of x and dx, its loads those of dy. A use is both multiply-adds that
   * a value of dy is loaded for: dx[output] += w[tap] * dy and dw[tap] += x[output] * dy.
   */
  readonly program: Program;
  /** Of each tap of the program, its place in the direction's tap set. */
  readonly slots: readonly number[];
}

/**
 * The parts of a direction, row by row. A part without taps has no loads: its dx is zero.
 * @param tile pixels of the best tile of each part's taps, or the tile of all parts
 * @param region of a plane's parts, in their own pixels, where tiles begin anew; left out: the whole parts
 */
export const gradientParts = memoize(
  (
    { height, width, stride }: Problem,
    taps: TapSet,
    tile: TileChoice,
    diagonal: Diagonal = 'x',
    region?: Extent,
  ) =>
    [height, width, stride, tapSetKey(taps), tileKey(tile), diagonal, region?.height, region?.width].join(),
  (
    problem: Problem,
    taps: TapSet,
    tile: TileChoice,
    diagonal: Diagonal = 'x',
    region?: Extent,
  ): readonly GradientPart[] => {
    const tileOf = (own: TapSet) => chosenTile(own, tile, diagonal);
    const { height, width, stride } = problem;
    const remainders = (size: number) => Array.from({ length: Math.min(stride, size) }, (_, at) => at);
    return Object.freeze(
      remainders(height).flatMap((row) =>
        remainders(width).map((column) => partOf(problem, taps, tileOf, { row, column }, region)),
      ),
    );
  },
);

type Place = Pick<GradientPart, 'row' | 'column'>;

function partOf(
  problem: Problem,
  { kernel, taps }: TapSet,
  tileOf: (own: TapSet) => Tile,
  place: Place,
  region: Extent | undefined,
): GradientPart {
  const { stride } = problem;
  const { row, column } = place;
  const slots = [...taps.keys()].filter(
    (t) => (row - taps[t]!.dy) % stride === 0 && (column - taps[t]!.dx) % stride === 0,
  );
  const own: TapSet = Object.freeze({
    kind: 'taps',
    kernel,
    taps: Object.freeze(
      slots.map((t) => {
        const { dy, dx, weights } = taps[t]!;
        return Object.freeze({ dy: (row - dy) / stride + 0, dx: (column - dx) / stride + 0, weights });
      }),
    ),
  });
  const input = gradSize(problem);
  const plane: Plane = region
    ? { input, output: region, stride: 1, region: true }
    : { input, output: pixelsOf(problem, place), stride: 1 };
  const program = fpropProgram(own, tileOf(own), plane);
  return Object.freeze({ ...place, program, slots: Object.freeze(slots) });
}

/** The size of dy, which dgrad has as its input. */
export function gradSize(problem: Problem): Extent {
  return problem.op === 'dgrad' ? inputSize(problem) : outputSize(problem);
}

/** How many pixels a part has. */
function pixelsOf({ height, width, stride }: Problem, { row, column }: Place): Extent {
  return { height: Math.ceil((height - row) / stride), width: Math.ceil((width - column) / stride) };
}
