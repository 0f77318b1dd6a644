import { groupTitle } from '../group.js';
import { multiplyAdds, type Program } from '../program.js';
import type { TapSet } from '../taps.js';
import type { Tile } from '../tile.js';

/** What the families' bodies have in common: the program of one direction. */
interface Direction {
  /** Degrees; null of square filters. */
  readonly angle: number | null;
  readonly program: Program;
}

/** The line over a body's code: what it computes and what it costs. */
export function bodyTitle(direction: Direction): string {
  const { program } = direction;
  const { tile, loads } = program;
  return `${groupTitle(direction)}: ${tileTitle(tile, 'outputs ')}; ${loads.length} loads and ${multiplyAdds(program)} multiply-adds a tile.`;
}

/** A tile's pixels in words. @param what they are, with a space behind; left out for pixels of no name */
export function tileTitle({ form, outputs, step }: Tile, what = ''): string {
  return form === 'line' ? `${outputs.length} ${what}along a line` : `${step.y}x${step.x} ${what}`.trimEnd();
}

/** Of lines their angles, which squares have none of. */
export function angleFacts(bodies: readonly Pick<Direction, 'angle'>[]): Readonly<Record<string, string>> {
  const angles = bodies.flatMap(({ angle }) => angle ?? []);
  return angles.length === 0 ? {} : { 'angles (degrees)': angles.join(' ') };
}

/** Counts for the head of a published file, one for each body. */
export function bodyFacts(bodies: readonly Direction[]): Readonly<Record<string, string>> {
  const list = (value: (body: Direction) => number) => bodies.map((body) => `${value(body)}`).join(' ');
  return {
    ...angleFacts(bodies),
    'distinct taps': list(({ program }) => program.taps.taps.length),
    'loads a tile': list(({ program }) => program.loads.length),
    'multiply-adds a tile': list(({ program }) => multiplyAdds(program)),
  };
}

/** The tap that the weight on the pixel itself folds on. */
export function centreTap({ taps, kernel }: TapSet): number {
  return taps.findIndex((tap) => tap.weights.includes((kernel - 1) / 2));
}
