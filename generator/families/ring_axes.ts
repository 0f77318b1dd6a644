// Values that both ring families try.

/** Counts of equal bands of so many rows, `most` at most; or the whole plane. */
export function bandCounts(height: number, rows: readonly number[], most: number): readonly number[] {
  const counts = rows
    .map((each) => height / each)
    .filter((count) => Number.isInteger(count) && count <= most);
  return counts.length > 0 ? counts : [1];
}

export function distinct(values: readonly number[]): readonly number[] {
  return [...new Set(values)];
}
