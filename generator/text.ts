/** Joins items into lines of `size` items each. */
export function chunked(items: readonly string[], size: number, gap: string): string[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size).join(gap),
  );
}
