/**
 * How a product is computed on a CPU. The weights lie in *panels* of a few vectors of outputs, [inner][panel]; rows of x may be
 * *staged* in scratch memory, and are where they are normalised. A *tile* is some rows times one panel: its sums stay in registers over all
 * of inner, each weight is read once a tile and each number of x is broadcast. A *unit* is some staged rows times some
 * neighbouring panels.
 */
export interface ProductParams {
  /** Rows a tile, at most. */
  readonly tileRows: number;
  /** Vectors of outputs a tile, and a panel. */
  readonly tileVectors: number;
  /** Steps of inner that the tile's loop takes in one turn. */
  readonly unroll: number;
  /** Rows a unit, at most: they are staged together, and each panel of theirs is read from memory once for all of them. */
  readonly unitRows: number;
  /** Panels a unit. */
  readonly unitPanels: number;
  /** Memory lines of the next panel that are fetched ahead in one turn of the tile's loop. */
  readonly ahead: number;
  /** 1: the lines that a tile will write are fetched before it computes. */
  readonly touch: number;
  /** 1: rows are staged; 0: tiles read x where it lies. */
  readonly stage: number;
}

/** The letter that each parameter has in a kernel's name, in the name's order. */
export const PRODUCT_LETTERS: Readonly<Record<keyof ProductParams, string>> = {
  tileRows: 'm',
  tileVectors: 'n',
  unroll: 'u',
  unitRows: 'r',
  unitPanels: 'c',
  ahead: 'p',
  touch: 't',
  stage: 's',
};
