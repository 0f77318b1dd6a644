import { type TileDrawing, tileDrawing } from './charts/tile_drawing.js';
import type { Direction } from './direction.js';

/** The drawings of a page, each once, under an id: layers of all sizes share their directions. */
export class Drawings {
  readonly #drawings = new Map<string, TileDrawing & { readonly id: string }>();

  add(direction: Direction): TileDrawing & { readonly id: string } {
    const made = tileDrawing(direction);
    const found = this.#drawings.get(made.key) ?? { ...made, id: `tile-${this.#drawings.size + 1}` };
    this.#drawings.set(made.key, found);
    return found;
  }

  all(): readonly (TileDrawing & { readonly id: string })[] {
    return [...this.#drawings.values()];
  }
}
