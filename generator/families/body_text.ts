import { multiplyAdds, type Program } from '../program.js';
import type { TapSet } from '../taps.js';

/** What the families' bodies have in common: the program of one direction. */
interface Direction {
  /** Degrees. */
  readonly angle: number;
  readonly program: Program;
}

/** The line over a body's code: what it computes and what it costs. */
export function bodyTitle({ angle, program }: Direction): string {
  const { tile, loads } = program;
  return `${angle} degrees: ${tile.outputs.length} outputs along a line; ${loads.length} loads and ${multiplyAdds(program)} multiply-adds a tile.`;
}

/** Counts for the head of a published file, one for each body. */
export function bodyFacts(bodies: readonly Direction[]): Readonly<Record<string, string>> {
  const list = (value: (body: Direction) => number) => bodies.map((body) => `${value(body)}`).join(' ');
  return {
    'angles (degrees)': list(({ angle }) => angle),
    'distinct taps': list(({ program }) => program.taps.taps.length),
    'loads a tile': list(({ program }) => program.loads.length),
    'multiply-adds a tile': list(({ program }) => multiplyAdds(program)),
  };
}

/** The tap that the weight on the pixel itself folds on. */
export function centreTap({ taps, kernel }: TapSet): number {
  return taps.findIndex((tap) => tap.weights.includes((kernel - 1) / 2));
}
