/** Pseudo-random whole numbers from -8 to 8: sums of their products are exact in float32, so that results compare bit for bit. */
export function wholeNumbers(length: number, seed = 1): Float32Array {
  return sequence(length, seed, (v) => Math.floor(v * 17) - 8);
}

/** Pseudo-random numbers from -1 to 1. */
export function fractions(length: number, seed = 1): Float32Array {
  return sequence(length, seed, (v) => 2 * v - 1);
}

/**
 * Where two arrays first differ, zeros of either sign being the same. A failing toEqual would print megabytes, and one that
 * does not fail takes a thousand times as long.
 */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): string | undefined {
  return firstDifference(actual, expected, (a, b) => Object.is(a + 0, b + 0));
}

/** The same, with zeros told apart by their sign. */
export function exactDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): string | undefined {
  return firstDifference(actual, expected, Object.is);
}

function firstDifference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  isSame: (a: number, b: number) => boolean,
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} elements, not ${expected.length}`;
  for (let i = 0; i < expected.length; i++)
    if (!isSame(actual[i]!, expected[i]!)) return `[${i}] is ${actual[i]}, not ${expected[i]}`;
  return undefined;
}

// Numerical Recipes' linear congruential generator.
function sequence(length: number, seed: number, valueAt: (part: number) => number): Float32Array {
  const made = new Float32Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made[i] = valueAt(state / 2 ** 32);
  }
  return made;
}
