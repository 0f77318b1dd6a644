import { memoizeEach } from '../memo.js';
import type { Program } from '../program.js';
import { type LineForm, lineForm, shearOf } from './box_text.js';
import { plus } from './cuda_text.js';
import { isShallow, lineGroups, linesOfWarp, type Ring, type Tiling } from './ring.js';

// Which of a ring's tiles have all of their lines inside of the plane, or in the zeros that lie above and below it: they have
// nothing to move or test.

/** Lines from `first` to `last`, both among them, relative to that of a tile's first pixel. */
interface LineSpan {
  readonly first: number;
  readonly last: number;
}

/** Of the loads of a tile. */
export const linesRead = memoizeEach((program: Program) =>
  span(program.loads.map((load) => shearOf(program, load))),
);

/** Of its pixels, which are read or written elsewhere, where there are no zeros. */
const linesOfPixels = memoizeEach(({ tile }: Program) =>
  span(tile.outputs.map(({ y, x }) => (tile.major === 'x' ? y : x))),
);

function span(lines: readonly number[]): LineSpan {
  return { first: Math.min(...lines), last: Math.max(...lines) };
}

/** The lines of a tile that must be inside, lest it has to move or test any: of those that it reads some may lie in the margin. */
function innerLines({ margin }: Pick<Ring, 'margin'>, { program }: Tiling): LineSpan {
  const [read, own] = [linesRead(program), linesOfPixels(program)];
  const zeros = isShallow(program) ? margin : 0;
  return {
    first: Math.min(read.first + zeros, own.first),
    last: Math.max(read.last - zeros, own.last),
  };
}

/** Whether some tiles meet lines that are outside, and some none. */
export function isPartlyInner(ring: Ring, tiling: Tiling): boolean {
  const inner = innerGroups(ring, tiling);
  return inner > 0 && inner < lineGroups(ring, tiling);
}

/** Groups of lines whose tiles have no line to move or test. @param margin another one than the ring's */
export function innerGroups(ring: Ring, tiling: Tiling, margin = ring.margin): number {
  const { first, last } = innerLines({ margin }, tiling);
  const { program, minor, across } = lineForm(tiling.program, tiling.along);
  const { from } = program.origins[minor];
  const lines = linesOfWarp(ring.params);
  const groups = Array.from({ length: lineGroups(ring, tiling) }, (_, group) => from + group * lines);
  return groups.filter((line) => line + first >= 0 && line + last + lines <= across.size).length;
}

/** Whether a task's tiles have no line to move or test, as {@link innerGroups} counts them. */
export function innerTest(ring: Ring, tiling: Tiling, { across }: LineForm): string {
  const { first, last } = innerLines(ring, tiling);
  return `${plus('group_line', first)} >= 0 && ${plus('group_line', last)} + LINES <= ${across.sizeName}`;
}
