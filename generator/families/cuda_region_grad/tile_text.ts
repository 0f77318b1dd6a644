import { lastOf } from '../../program.js';
import type { Printable } from '../../template.js';
import { plus, tilePlace } from '../cuda_text.js';
import { type Gradients, gradientText } from '../gradient_text.js';
import type { Layout } from './layout.js';
import type { Phase } from './phase.js';

/** What cuda/region_grad_phase prints of a tile: `own` is where its first pixel of x and dx is, `grad` where that of dy is. */
export function tileText(
  { body, part }: Phase,
  layout: Layout,
  gradients: Gradients,
): Readonly<Record<string, Printable>> {
  const { program, slots } = part;
  return {
    ...tilePlace(program, 'along', 'across'),
    ...gradientText(
      // A warp has this part's taps alone.
      { ...part, slots: slots.map((_, tap) => tap) },
      slots.indexOf(body.centre),
      gradients,
      {
        type: 'float',
        zero: '0.0f',
        input: ({ y, x }) => `own[${y} * ROW + ${x} * COLUMN]`,
        grad: ({ dy, dx }) =>
          `grad[${gradPlace(part, layout, 'y', dy)} * GRAD_ROW + ${gradPlace(part, layout, 'x', dx)} * GRAD_COLUMN]`,
        gradTests: () => [],
        store: ({ y, x }, sum) => `own[${y} * ROW + ${x} * COLUMN] = ${sum};`,
        overlapping: true,
      },
    ),
  };
}

/**
 * Where a value of dy is from the tile's first. Lines that stick out of the region further than there are margins meet the last
 * one instead, for pixels that are none.
 */
function gradPlace(
  { program: { origins } }: Phase['part'],
  { kept }: Layout,
  axis: 'y' | 'x',
  offset: number,
): string {
  const { from, size } = kept[axis];
  const [first, last] = [origins[axis].from + offset, lastOf(origins[axis]) + offset];
  if (first >= from && last < from + size) return `${offset}`;
  const raised = first < from ? `max(${plus(axis, offset)}, ${from})` : plus(axis, offset);
  const place = last >= from + size ? `min(${raised}, ${from + size - 1})` : raised;
  return `(${place} - ${axis})`;
}
