import { multiplyAdds, type Program } from '../../program.js';
import type { GradientBody, TiledPart } from '../gradient_chunk.js';
import { type Gradients, gradientCount } from '../gradient_text.js';
import { WARP } from '../multiprocessor.js';
import { arrange, arrangeEvenly, slowestTime } from './arrangement.js';
import { LANES } from './layout.js';

/** What warps of a block do in all of its regions: tiles of one part of one direction, whose weights and sums their registers keep. */
export interface Phase {
  /** Which of the slab's directions. */
  readonly direction: number;
  readonly body: GradientBody;
  readonly part: TiledPart;
  /** Groups of tiles that a warp computes at a time: those of a line, and of the next ones. */
  readonly tasks: number;
  /** The block's warps [first, first + warps) do it. */
  readonly first: number;
  readonly warps: number;
}

/**
 * A slab's phases, and who does them: one warp each at least, and the others where they make the slowest faster.
 *
 * @param schedulers more than one: phases come in an order by which each of them has few, see {@link arrange}
 */
export function phasesOf(
  bodies: readonly GradientBody[],
  warps: number,
  gradients: Gradients,
  schedulers: number,
): readonly Phase[] {
  const parts = bodies.flatMap((body, direction) =>
    body.parts
      // What no tap meets is zero from the start.
      .filter(({ slots }) => slots.length > 0)
      .map((part) => ({
        direction,
        body,
        part,
        tasks: Math.ceil((part.along * part.across * LANES) / WARP),
      })),
  );
  const shares = parts.map(({ tasks, part }) => ({ tasks, time: tileInstructions(part.program, gradients) }));
  const even = arrangeEvenly(shares, warps);
  const { order, warps: counts } = schedulers > 1 ? arrange(shares, even, schedulers) : even;
  return order.map((phase, i) => ({
    ...parts[phase]!,
    first: order.slice(0, i).reduce((sum, before) => sum + counts[before]!, 0),
    warps: counts[phase]!,
  }));
}

/** Of the phase's slowest warp, for a region. */
export function phaseInstructions(
  { tasks, warps, part }: Pick<Phase, 'tasks' | 'warps' | 'part'>,
  gradients: Gradients,
): number {
  return slowestTime({ tasks, time: tileInstructions(part.program, gradients) }, warps);
}

/** Instructions of a tile that are there whatever its length. */
const START = 50;

/** Instructions of a warp for a tile, roughly: a load brings its place along, a pixel its address and its test. */
export function tileInstructions(program: Program, gradients: Gradients): number {
  const count = gradientCount(gradients);
  const pixels = program.tile.outputs.length;
  return START + count * multiplyAdds(program) + 3 * program.loads.length + (3 + 2 * count) * pixels;
}
