/** The middle one of some numbers, or the mean of the two middle ones; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = ascending(numbers);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The same numbers, the smallest first; those that are NaN last. */
export function ascending(numbers: readonly number[]): Float64Array {
  return new Float64Array(numbers).sort();
}
