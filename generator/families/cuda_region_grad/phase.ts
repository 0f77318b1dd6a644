import { multiplyAdds, type Program } from '../../program.js';
import type { GradientBody, TiledPart } from '../gradient_chunk.js';
import { WARP } from '../multiprocessor.js';
import { LANES } from './layout.js';

/** What a warp does in all of its block's regions: tiles of one part of one direction, whose weights and sums its registers keep. */
export interface Phase {
  /** Which of the slab's directions. */
  readonly sub: number;
  readonly body: GradientBody;
  readonly part: TiledPart;
  /** Groups of neighbouring lines, times tiles a line. */
  readonly tasks: number;
  /** The block's warps [first, first + warps) do it. */
  readonly first: number;
  readonly warps: number;
}

/**
 * A slab's phases, and who does them: one warp each at least, and the others where they make the slowest faster.
 * @param gradients how many a use of a value of dy is for: that of x, that of the weights, or both
 */
export function phasesOf(bodies: readonly GradientBody[], warps: number, gradients: 1 | 2): readonly Phase[] {
  const jobs = bodies.flatMap((body, sub) =>
    body.parts
      // What no tap meets is zero from the start.
      .filter(({ slots }) => slots.length > 0)
      .map((part) => ({ sub, body, part, tasks: part.along * Math.ceil((part.across * LANES) / WARP) })),
  );
  const counts = jobs.map(() => 1);
  const time = (i: number) =>
    Math.ceil(jobs[i]!.tasks / counts[i]!) * tileInstructions(jobs[i]!.part.program, gradients);
  for (let left = warps - jobs.length; left > 0; left--) {
    const slowest = jobs.reduce((most, _, i) => (time(i) > time(most) ? i : most), 0);
    counts[slowest]!++;
  }
  return jobs.map((job, i) => ({
    ...job,
    first: counts.slice(0, i).reduce((sum, count) => sum + count, 0),
    warps: counts[i]!,
  }));
}

/** Of a warp, roughly. */
export function tileInstructions(program: Program, gradients: 1 | 2): number {
  const pixels = program.tile.outputs.length;
  return 50 + gradients * multiplyAdds(program) + 3 * program.loads.length + (3 + 2 * gradients) * pixels;
}
