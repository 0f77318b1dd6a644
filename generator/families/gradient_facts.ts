import type { GradientPart } from '../gradient.js';
import { groupTitle } from '../group.js';
import { multiplyAdds, type Program } from '../program.js';
import { angleFacts, tileTitle } from './body_text.js';
import type { GradientBody } from './gradient_chunk.js';

/** The line over a part's code: what it computes and what it costs. */
export function gradientTitle(body: GradientBody, { row, column, program }: GradientPart): string {
  const { tile, loads } = program;
  const pixels = `${tileTitle(tile, 'pixels ')} from (${row}, ${column})`;
  return `${groupTitle(body)}: ${pixels}; ${loads.length} loads and ${multiplyAdds(program)} pairs of pixel and weight a tile.`;
}

/** Counts for the head of a published file, one for each body; parts are added up. */
export function gradientFacts(bodies: readonly GradientBody[]): Readonly<Record<string, string>> {
  const list = (value: (body: GradientBody) => number) => bodies.map((body) => `${value(body)}`).join(' ');
  const sum = (value: (program: Program) => number) =>
    list(({ parts }) => parts.reduce((total, { program }) => total + value(program), 0));
  return {
    ...angleFacts(bodies),
    'distinct taps': list(({ taps }) => taps.taps.length),
    'loads a tile': sum(({ loads }) => loads.length),
    'pairs of pixel and weight a tile': sum(multiplyAdds),
  };
}
