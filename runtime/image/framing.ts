import type { Extent } from '../../generator/problem.js';

/** How an image of any size becomes a square one: scaled, then cropped. */
export interface Framing {
  /** What it is scaled to. */
  readonly scaled: Extent;
  /** Corner of the square in the scaled image. */
  readonly left: number;
  readonly top: number;
}

/** What is cropped off: networks of side 224 are judged on images whose shorter side is 256. */
const MARGIN = { scaled: 256, cropped: 224 } as const;

/**
 * The shorter side to 256/224 of the square's, then the middle, each rounded as torchvision's Resize and CenterCrop do it:
 * lengths down, a half pixel to the even side.
 * @param side of the square, in pixels
 */
export function framing({ height, width }: Extent, side: number): Framing {
  const shorter = Math.floor((MARGIN.scaled * side) / MARGIN.cropped);
  const longer = Math.floor((shorter * Math.max(height, width)) / Math.min(height, width));
  const scaled = height <= width ? { height: shorter, width: longer } : { height: longer, width: shorter };
  return Object.freeze({
    scaled: Object.freeze(scaled),
    left: halfToEven(scaled.width - side),
    top: halfToEven(scaled.height - side),
  });
}

/** Half of a whole number, a half rounded to the even neighbour. */
function halfToEven(twice: number): number {
  const half = Math.floor(twice / 2);
  return twice % 2 === 0 ? half : half + (half % 2);
}
