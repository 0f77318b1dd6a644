/** Pseudo-random whole numbers from -8 to 8: sums of their products are exact in float32, so that results compare bit for bit. */
export function wholeNumbers(length: number, seed = 1): Float32Array {
  return Float32Array.from(sequence(length, seed), (v) => Math.floor(v * 17) - 8);
}

/** Pseudo-random numbers from -1 to 1. */
export function fractions(length: number, seed = 1): Float32Array {
  return Float32Array.from(sequence(length, seed), (v) => 2 * v - 1);
}

// Numerical Recipes' linear congruential generator.
function* sequence(length: number, seed: number): Generator<number> {
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}
