import type { Candidate } from '../runtime/tasks/top_classes.js';
import type { Ui } from './ui.js';

/** An image and what it is taken for, the likeliest first. */
export interface Classified {
  /** A file, or the number of an image of an array. */
  readonly image: string | number;
  readonly top: readonly Candidate[];
}

/** @param names of the classes, if they have any */
export function classifiedDocument({ image, top }: Classified, names: readonly string[] | undefined): object {
  return { image, top: top.map((one) => ({ ...one, ...(names && { label: names[one.class]! }) })) };
}

/** A row a candidate; the image stands in the first of its rows. */
export function classifiedTable(
  images: readonly Classified[],
  names: readonly string[] | undefined,
  ui: Ui,
): string {
  const rows = images.flatMap(({ image, top }) =>
    top.map((one, i) => [
      i === 0 ? String(image) : '',
      names === undefined ? String(one.class) : `${names[one.class]!} (${one.class})`,
      `${(100 * one.probability).toFixed(2)} %`,
    ]),
  );
  return ui.table(['image', 'class', 'probability'], rows);
}
