import { stagedTile } from '../../generator/families/cuda_staged/plan.js';
import { tileProgram } from '../../generator/families/tile_program.js';
import { planeTile } from '../../generator/families/whole_row.js';
import { groups } from '../../generator/group.js';
import type { Problem } from '../../generator/problem.js';
import type { TapSet } from '../../generator/taps.js';
import type { Point, TileChoice } from '../../generator/tile.js';
import type { Trial } from '../store/trial.js';

/** One direction of a layer: what its kernel reads, and the tile that the winner computes it by. */
export interface Direction {
  /** Degrees; null of square filters. */
  readonly angle: number | null;
  readonly channels: number;
  readonly taps: TapSet;
  /** Undefined where there is no winner, or its family has no such tile. */
  readonly tile: TileFacts | undefined;
}

export interface TileFacts {
  /** Output pixels that one thread or lane computes, from the tile's origin. */
  readonly outputs: readonly Point[];
  /** Input pixels that it loads, each once, from the origin's input pixel. */
  readonly loads: readonly Point[];
  readonly stride: number;
}

/** A problem's directions. @param params the winner's */
export function directions(problem: Problem, params: Trial['params'] | undefined): readonly Direction[] {
  return groups(problem).map(({ angle, from, to, taps }) => {
    const choice = params && tileOf(problem, taps, params);
    const tile = choice === undefined ? undefined : tileFacts(problem, taps, choice);
    return Object.freeze({ angle, channels: to - from, taps, tile });
  });
}

function tileFacts(problem: Problem, taps: TapSet, tile: TileChoice): TileFacts {
  const { tile: own, loads, stride } = tileProgram(problem, taps, tile);
  return Object.freeze({
    outputs: own.outputs,
    loads: loads.map(({ dy, dx }) => ({ y: dy, x: dx })),
    stride,
  });
}

/**
 * A tile as the families' parameters have it: of `length` outputs for all directions, of `steep` and `shallow`, or so
 * many `tiles` a line. Only forward kernels compute tiles of outputs.
 */
function tileOf(problem: Problem, taps: TapSet, params: Trial['params']): TileChoice | undefined {
  if (problem.op !== 'fprop') return undefined;
  const { length, shallow, steep, tiles } = params;
  if (typeof length === 'number') return length;
  if (typeof shallow === 'number' && typeof steep === 'number')
    return planeTile(problem, taps, { shallow, steep }, 'x');
  if (typeof tiles === 'number') return stagedTile(problem, taps, tiles);
  return undefined;
}
