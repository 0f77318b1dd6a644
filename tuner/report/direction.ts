import { lineProgram } from '../../generator/families/line_program.js';
import { groups } from '../../generator/group.js';
import { outputSize, type Problem } from '../../generator/problem.js';
import type { TapSet } from '../../generator/taps.js';
import { lineTile, type Point, type Tile } from '../../generator/tile.js';
import type { Trial } from '../store/trial.js';

/** One direction of a layer: what its kernel reads, and the tile that the winner computes it by. */
export interface Direction {
  /** Degrees. */
  readonly angle: number;
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
    const length = params && tileLength(problem, taps, params);
    const tile = length === undefined ? undefined : tileFacts(problem, taps, length);
    return Object.freeze({ angle, channels: to - from, taps, tile });
  });
}

function tileFacts(problem: Problem, taps: TapSet, length: number): TileFacts {
  const { tile, loads, stride } = lineProgram(problem, taps, length);
  return Object.freeze({
    outputs: tile.outputs,
    loads: loads.map(({ dy, dx }) => ({ y: dy, x: dx })),
    stride,
  });
}

/**
 * Outputs along a line, as the families' parameters have it: `length` for all directions, `steep` and `shallow`, or so
 * many `tiles` a line. Only forward kernels compute lines of outputs.
 */
function tileLength(problem: Problem, taps: TapSet, params: Trial['params']): number | undefined {
  if (problem.op !== 'fprop') return undefined;
  const major: Tile['major'] = lineTile(taps, 1).major;
  const { height, width } = outputSize(problem);
  const { length, shallow, steep, tiles } = params;
  if (typeof length === 'number') return length;
  if (typeof shallow === 'number' && typeof steep === 'number') return major === 'x' ? shallow : steep;
  if (typeof tiles === 'number') return Math.ceil((major === 'x' ? width : height) / tiles);
  return undefined;
}
