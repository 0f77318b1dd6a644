import type { GradientPart } from '../gradient.js';
import { multiplyAdds, type Program } from '../program.js';
import type { GradientBody } from './gradient_chunk.js';

/** The line over a part's code: what it computes and what it costs. */
export function gradientTitle({ angle }: GradientBody, { row, column, program }: GradientPart): string {
  const { tile, loads } = program;
  const pixels = `${tile.outputs.length} pixels along a line from (${row}, ${column})`;
  return `${angle} degrees: ${pixels}; ${loads.length} loads and ${multiplyAdds(program)} pairs of pixel and weight a tile.`;
}

/** Counts for the head of a published file, one for each body; parts are added up. */
export function gradientFacts(bodies: readonly GradientBody[]): Readonly<Record<string, string>> {
  const list = (value: (body: GradientBody) => number) => bodies.map((body) => `${value(body)}`).join(' ');
  const sum = (value: (program: Program) => number) =>
    list(({ parts }) => parts.reduce((total, { program }) => total + value(program), 0));
  return {
    'angles (degrees)': list(({ angle }) => angle),
    'distinct taps': list(({ taps }) => taps.taps.length),
    'loads a tile': sum(({ loads }) => loads.length),
    'pairs of pixel and weight a tile': sum(multiplyAdds),
  };
}
