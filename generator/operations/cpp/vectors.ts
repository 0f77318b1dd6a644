import type { CpuTarget } from '../../target.js';
import type { Printable } from '../../template.js';

/** Vectors of a row of channels: whole ones side by side, then halves of them for what is left. */
export interface Block {
  readonly lanes: number;
  readonly vectors: number;
  /** The first channel. */
  readonly from: number;
}

/** The widths that templates/cpp/partials/vector.hbs declares: the target's, and each of its halves. */
export function widths(lanes: number): readonly number[] {
  return lanes === 1 ? [1] : [lanes, ...widths(lanes / 2)];
}

/** What templates/cpp/partials/vector.hbs prints. */
export function vectorData({ lanes }: CpuTarget): { readonly lanes: Printable; readonly stream: boolean } {
  return { lanes: widths(lanes).map((count) => ({ count, bytes: 4 * count })), stream: false };
}

/**
 * Cuts channels into blocks of about equally many vectors, at most `most` of them.
 * @param lanes of a whole vector
 */
export function blocksOf(channels: number, lanes: number, most: number): readonly Block[] {
  const whole = Math.floor(channels / lanes);
  const count = Math.ceil(whole / most);
  const blocks: Block[] = [];
  for (let i = 0; i < count; i++) {
    const from = Math.floor((whole * i) / count);
    blocks.push({ lanes, vectors: Math.floor((whole * (i + 1)) / count) - from, from: from * lanes });
  }
  return whole * lanes === channels
    ? blocks
    : [...blocks, ...rest(channels - whole * lanes, lanes / 2, whole * lanes)];
}

/** Fewer channels than a vector: each half at most once. */
function rest(channels: number, lanes: number, from: number): readonly Block[] {
  if (channels === 0) return [];
  if (channels < lanes) return rest(channels, lanes / 2, from);
  return [{ lanes, vectors: 1, from }, ...rest(channels - lanes, lanes / 2, from + lanes)];
}
