import { encodeNumber } from '../name.js';
import type { LineForm } from './box_text.js';
import { plus, type Test } from './cuda_text.js';

// The pixels of a tile that box_text.ts writes, and what must hold for them to be inside of the plane.

/** A pixel of a tile: of its output, or of what has the same place there. */
export interface TilePixel {
  readonly output: number;
  /** Where it lies from the tile's origin in a dense tensor. */
  readonly offset: string;
  /** Its line, in tiles' tests. */
  readonly shear: number;
  /** What must hold for it to be inside of the plane. */
  readonly test: string;
}

/** Pixels that may be inside of the plane: tiles may be more than a line can fill. */
export function tilePixels(line: LineForm, place?: number): readonly TilePixel[] {
  const { program, tiles, major, minor, across, along } = line;
  const { outputs, step } = program.tile;
  return outputs.flatMap(({ [major]: at, [minor]: shear }, output) => {
    const sticksOut = (tiles - 1) * step[major] + at >= along.size;
    if (sticksOut && place === tiles - 1) return [];
    // The last tile of a line does not have it, and another place may be computed.
    const tested = sticksOut && place === undefined;
    const offset = `${shear} * ${across.outStep} + ${at} * ${along.outStep}`;
    return [{ output, offset, shear, test: `${shearName(shear)}${tested ? ' && along < TILES - 1' : ''}` }];
  });
}

/** The tests that pixels have in common: whether their lines are inside. */
export function shearTests({ across, choice }: LineForm, pixels: readonly TilePixel[]): readonly Test[] {
  return [...new Set(pixels.map(({ shear }) => shear))].map((shear) => ({
    name: shearName(shear),
    condition: `inside${choice}(${plus('line', shear)}, ${across.sizeName})`,
  }));
}

function shearName(shear: number): string {
  return `o_${encodeNumber(shear)}`;
}
