import type { Extent } from '../../generator/problem.js';
import { MODELS, type ModelSize, VARIANTS, type Variant } from '../../runtime/convnext/architecture.js';

/** A network with a number of images: one row of `bench models`. */
export interface ModelCell {
  readonly kind: 'model-cell';
  readonly size: ModelSize;
  readonly variant: Variant;
  readonly batch: number;
  readonly image: Extent;
}

export interface ModelCells {
  readonly sizes?: readonly ModelSize[];
  readonly variants?: readonly Variant[];
  readonly batches: readonly number[];
  readonly image?: Extent;
}

/** What the paper's networks take. */
const IMAGE: Extent = Object.freeze({ height: 224, width: 224 });

/** Every size, variant and batch; batches of a network come one after the other. */
export function modelCells({
  sizes = MODELS,
  variants = VARIANTS,
  batches,
  image = IMAGE,
}: ModelCells): readonly ModelCell[] {
  return Object.freeze(
    sizes.flatMap((size) =>
      variants.flatMap((variant) =>
        batches.map((batch) => Object.freeze<ModelCell>({ kind: 'model-cell', size, variant, batch, image })),
      ),
    ),
  );
}

/** `tiny 1d, 64 of 224x224` */
export function modelCellName({ size, variant, batch, image }: ModelCell): string {
  return `${size} ${variant}, ${batch} of ${image.height}x${image.width}`;
}
