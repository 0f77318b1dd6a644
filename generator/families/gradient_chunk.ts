import { type GradientPart, gradientParts } from '../gradient.js';
import { type Group, groupId } from '../group.js';
import type { Extent, Problem } from '../problem.js';
import { latticeSize } from '../program.js';
import type { TapSet } from '../taps.js';
import type { Diagonal, TileChoice } from '../tile.js';
import { centreTap } from './body_text.js';
import { type Cut, cutBy } from './chunk.js';
import { gradientsOf } from './gradient_text.js';

/** The straight-line code of one tap set's gradients, shared by all groups that have it. */
export interface GradientBody {
  readonly id: string;
  /** Degrees; null of square filters. */
  readonly angle: number | null;
  readonly taps: TapSet;
  /** The tap on the pixel itself. */
  readonly centre: number;
  readonly parts: readonly TiledPart[];
}

/** A part with its tiles: so many a line, and so many lines. */
export interface TiledPart extends GradientPart {
  readonly along: number;
  readonly across: number;
}

/** A direction of stride 1: it has one part. */
export interface LineBody extends GradientBody {
  readonly part: TiledPart;
}

/**
 * A layer's gradients cut into chunks of channels, as chunk.ts cuts fprop.
 * @param tile which one, of a tap set if it depends on it
 * @param width channels a chunk, at most
 */
export function cutGradient(
  problem: Problem,
  tile: TileChoice | ((taps: TapSet) => TileChoice),
  width: number,
  diagonal: Diagonal = 'x',
): Cut<GradientBody> {
  return cutBy(problem, width, (group) =>
    gradientBody(problem, group, typeof tile === 'function' ? tile(group.taps) : tile, diagonal),
  );
}

/**
 * The body of a direction.
 * @param problem of which only the operation, the sizes and the stride count
 * @param region as {@link gradientParts} has it
 */
export function gradientBody(
  problem: Problem,
  group: Group,
  tile: TileChoice,
  diagonal: Diagonal = 'x',
  region?: Extent,
): GradientBody {
  const { taps, angle } = group;
  const { ofInput } = gradientsOf(problem.op);
  return {
    id: groupId(group),
    angle,
    taps,
    centre: centreTap(taps),
    // A part without taps adds nothing to dw.
    parts: gradientParts(problem, taps, tile, diagonal, region)
      .filter(({ slots }) => ofInput || slots.length > 0)
      .map(tiled),
  };
}

/** The same of stride 1. */
export function lineBody(problem: Problem, group: Group, tile: TileChoice): LineBody {
  const body = gradientBody(problem, group, tile);
  return { ...body, part: body.parts[0]! };
}

function tiled(part: GradientPart): TiledPart {
  const { tile, origins } = part.program;
  return {
    ...part,
    along: latticeSize(origins[tile.major]),
    across: latticeSize(origins[tile.major === 'y' ? 'x' : 'y']),
  };
}
