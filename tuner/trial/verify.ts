import type { TensorUse } from './tensors.js';

/** Largest relative error, of the norm, that float32 sums of a few dozen products may have. */
export const TOLERANCE = 1e-5;

/**
 * Largest error of a single element over the largest reference value. A float32 sum of K products of uniform operands
 * is off by at most K 2^-24 times their magnitudes' sum, about K / 4, and the largest of many outputs is about
 * 1.5 sqrt(K): 1e-8 K^1.5 of it at the worst, which stays below four tolerances up to K = 251. Errors mostly cancel,
 * so longer kernels stay far below it, too; one tap that is wrong is off by a thousand times as much. The gradients of
 * the weights are sums over all images, of which a kernel adds no more than some thousand products in float32 at a stretch.
 */
export const ELEMENT_TOLERANCE = 4 * TOLERANCE;

/** A kernel's output, or all of them, held against the reference. */
export interface Verdict {
  /** ||output - reference|| / ||reference||, over the images that the reference covers; the largest of several outputs. */
  readonly relativeError: number;
  /** Why it is wrong; undefined if it is right. */
  readonly reason: string | undefined;
}

/** What was seen of a whole output, all images. */
export interface Inspection {
  /** The first element that is not finite. */
  readonly hole: number | undefined;
  /** The first image that differs in any bit from the one that it repeats. */
  readonly unequal: number | undefined;
}

/**
 * Holds an output against the reference, which covers its first images. Inputs repeat those images through the batch,
 * so each later image must equal, bit for bit, the one that it repeats: image i is image i modulo `images`. Outputs are
 * poisoned with NaN before a run, so that what was not written shows.
 *
 * @param output all images, one after the other
 * @param reference the first `images` of them
 */
export function verdict(output: Float32Array, reference: Float64Array, images: number): Verdict {
  return judge(output, reference, images, inspect(output, reference.length / images, images));
}

/**
 * The same of an output that was inspected where it is.
 * @param output the first `images` of it at the least
 */
export function judge(
  output: Float32Array,
  reference: Float64Array,
  images: number,
  { hole, unequal }: Inspection,
): Verdict {
  const { relativeError, largest, at } = errors(output, reference);
  const wrong = (reason: string) => ({ relativeError, reason });
  if (hole !== undefined) return wrong(`element ${hole} was not written, or is not finite`);
  if (relativeError > TOLERANCE)
    return wrong(`relative error ${relativeError.toExponential(1)} is larger than ${TOLERANCE}`);
  if (largest > ELEMENT_TOLERANCE)
    return wrong(
      `element ${at} is off by ${largest.toExponential(1)} of the largest value, more than ${ELEMENT_TOLERANCE}`,
    );
  if (unequal !== undefined)
    return wrong(`image ${unequal} is not the same as image ${unequal % images}, and their inputs are equal`);
  return { relativeError, reason: undefined };
}

/** One of a kernel's outputs under the name that messages give it. */
export interface Finding extends Verdict {
  readonly symbol: string;
}

/** The findings of all outputs as one: wrong if one of them is, and off by as much as the worst. */
export function together(findings: readonly Finding[]): Verdict {
  const wrong = findings.find(({ reason }) => reason !== undefined);
  return {
    relativeError: Math.max(...findings.map((one) => one.relativeError)),
    reason: wrong && named(wrong.symbol, wrong.reason!, findings.length),
  };
}

/** Says that two runs disagree. @param image where first @param outputs how many the kernel has */
export function unsteady({ symbol, isSum }: TensorUse, image: number, outputs: number): string {
  const where = isSum ? '' : `, first in image ${image}`;
  return named(symbol, `a second run of the same input gave other bits${where}`, outputs);
}

/** Of several outputs, which. */
function named(symbol: string, reason: string, outputs: number): string {
  return outputs > 1 ? `${symbol}: ${reason}` : reason;
}

function inspect(output: Float32Array, elements: number, images: number): Inspection {
  const hole = output.findIndex((value) => !Number.isFinite(value));
  return { hole: hole < 0 ? undefined : hole, unequal: unequalImage(output, elements, images) };
}

/** The error in norm, and the largest one of an element over the largest reference value, with its place. */
function errors(output: Float32Array, reference: Float64Array) {
  let [error, norm, largest, highest, at] = [0, 0, 0, 0, 0];
  for (let i = 0; i < reference.length; i++) {
    const difference = output[i]! - reference[i]!;
    error += difference * difference;
    norm += reference[i]! * reference[i]!;
    highest = Math.max(highest, Math.abs(reference[i]!));
    if (Math.abs(difference) > largest) [largest, at] = [Math.abs(difference), i];
  }
  const over = (value: number, unit: number) => (unit > 0 ? value / unit : value);
  return { relativeError: Math.sqrt(over(error, norm)), largest: over(largest, highest), at };
}

/** Where two runs disagree: the image in which the first bit differs, undefined if none does. */
export function differing(one: Float32Array, other: Float32Array, elements: number): number | undefined {
  for (let start = 0; start < one.length; start += elements) {
    const [a, b] = [one, other].map((all) => bytesOf(all.subarray(start, start + elements)));
    if (a!.compare(b!) !== 0) return start / elements;
  }
  return undefined;
}

function unequalImage(output: Float32Array, elements: number, images: number): number | undefined {
  const bytes = bytesOf(output);
  const size = elements * output.BYTES_PER_ELEMENT;
  for (let image = images; (image + 1) * elements <= output.length; image++) {
    const [start, first] = [image * size, (image % images) * size];
    if (bytes.compare(bytes, first, first + size, start, start + size) !== 0) return image;
  }
  return undefined;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
