/** How alike the values at two places are: a covariance. */
export type Kernel<P> = (a: P, b: P) => number;

export interface Prediction {
  readonly mean: number;
  readonly variance: number;
}

/**
 * A Gaussian process of mean 0 over what was observed (Rasmussen and Williams, Gaussian Processes for Machine Learning,
 * algorithm 2.1).
 * @param noise variance of an observation
 */
export function gaussianProcess<P>(
  observed: readonly (readonly [place: P, value: number])[],
  kernel: Kernel<P>,
  noise: number,
): (place: P) => Prediction {
  const places = observed.map(([place]) => place);
  const lower = cholesky(places.map((a, i) => places.map((b, j) => kernel(a, b) + (i === j ? noise : 0))));
  const values = solved(
    lower,
    observed.map(([, value]) => value),
  );
  return (place) => {
    const shares = solved(
      lower,
      places.map((other) => kernel(place, other)),
    );
    return { mean: dot(shares, values), variance: Math.max(0, kernel(place, place) - dot(shares, shares)) };
  };
}

/** The lower triangle L of a positive definite matrix L L'. */
function cholesky(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const lower: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const own: number[] = [];
    for (let j = 0; j < i; j++) own.push((row[j]! - dot(own, lower[j]!)) / lower[j]![j]!);
    lower.push([...own, Math.sqrt(row[i]! - dot(own, own))]);
  }
  return lower;
}

/** x of L x = b. */
function solved(lower: readonly (readonly number[])[], b: readonly number[]): readonly number[] {
  const x: number[] = [];
  for (const [i, row] of lower.entries()) x.push((b[i]! - dot(x, row)) / row[i]!);
  return x;
}

/** Over the length of the first. */
function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
