/** Pseudo-random whole numbers from -8 to 8: sums of their products are exact in float32, so that results compare bit for bit. */
export function wholeNumbers(length: number, seed = 1): Float32Array {
  return Float32Array.from(sequence(length, seed), (v) => Math.floor(v * 17) - 8);
}

/** Pseudo-random numbers from -1 to 1. */
export function fractions(length: number, seed = 1): Float32Array {
  return Float32Array.from(sequence(length, seed), (v) => 2 * v - 1);
}

/** Where two arrays first differ; a failing toEqual would print megabytes. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} elements, not ${expected.length}`;
  for (let i = 0; i < expected.length; i++)
    if (!Object.is(actual[i]! + 0, expected[i]! + 0)) return `[${i}] is ${actual[i]}, not ${expected[i]}`;
  return undefined;
}

// Numerical Recipes' linear congruential generator.
function* sequence(length: number, seed: number): Generator<number> {
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}
