import type { Program } from '../program.js';

/** Tiles along a line that a thread's text repeats. */
const REPEATED = 2;

/** How a block of an NCHW family deals out a step's tiles, of lines that advance along columns or along rows. */
interface Dealt {
  /** Tiles along a line, and lines. */
  readonly along: number;
  readonly across: number;
  readonly threads: number;
  readonly planes: number;
  readonly band: number;
}

/**
 * Whether each thread keeps a line of one plane over all steps: where threads are at least as many as the lines of a step's
 * planes and tiles dealt out one by one would take as many rounds. Which of a line's tiles it is at is known in the text
 * then, and so are the rows that it meets. Lines along columns only: lanes have neighbouring columns.
 */
export function hasSeats({ tile }: Program, { along, across, threads, planes, band }: Dealt): boolean {
  // Of tiles dealt out one by one: as many as a line has tiles only where there is a thread for each line.
  const rounds = Math.ceil((along * across * planes) / threads);
  return tile.major === 'y' && band === 0 && along <= REPEATED && rounds === along;
}
