import { crossEntropy } from './softmax.js';
import { rankOf } from './top_classes.js';

/** How well images were classified. */
export interface Score {
  readonly images: number;
  /** Share of images whose label is the likeliest class, and one of the five likeliest. */
  readonly top1: number;
  readonly top5: number;
  /** Cross-entropy, its mean. */
  readonly loss: number;
}

/** Counts one image after the other. */
export class Scoring {
  #images = 0;
  #top1 = 0;
  #top5 = 0;
  #loss = 0;

  add(logits: Float32Array, label: number): void {
    const rank = rankOf(logits, label);
    this.#images++;
    if (rank < 1) this.#top1++;
    if (rank < 5) this.#top5++;
    this.#loss += crossEntropy(logits, label);
  }

  get images(): number {
    return this.#images;
  }

  /** Of no image it is NaN. */
  score(): Score {
    const images = this.#images;
    return Object.freeze({
      images,
      top1: this.#top1 / images,
      top5: this.#top5 / images,
      loss: this.#loss / images,
    });
  }
}
