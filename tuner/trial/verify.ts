/** Largest relative error that float32 sums of a few dozen products may have. */
export const TOLERANCE = 1e-5;

/** A kernel's output held against the reference. */
export interface Verdict {
  readonly relativeError: number;
  /** Why it is wrong; undefined if it is right. */
  readonly reason: string | undefined;
}

/**
 * ||out - ref|| / ||ref|| over the part that the reference covers; the rest must be finite. Outputs are poisoned with
 * NaN before a run, so that what was not written shows.
 */
export function verdict(output: Float32Array, reference: Float64Array): Verdict {
  let error = 0;
  let norm = 0;
  for (let i = 0; i < reference.length; i++) {
    const difference = output[i]! - reference[i]!;
    error += difference * difference;
    norm += reference[i]! * reference[i]!;
  }
  const relativeError = norm > 0 ? Math.sqrt(error / norm) : Math.sqrt(error);
  const hole = output.findIndex((value) => !Number.isFinite(value));
  if (hole >= 0) return { relativeError, reason: `element ${hole} was not written, or is not finite` };
  return {
    relativeError,
    reason:
      relativeError <= TOLERANCE
        ? undefined
        : `relative error ${relativeError.toExponential(1)} is larger than ${TOLERANCE}`,
  };
}
