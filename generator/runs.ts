/** Neighbours with the same key. */
export interface Run<T, K> {
  readonly key: K;
  readonly items: readonly T[];
}

/** Items cut where their key changes. */
export function runs<T, K extends string | number>(
  items: readonly T[],
  keyOf: (item: T) => K,
): readonly Run<T, K>[] {
  const found: { readonly key: K; readonly items: T[] }[] = [];
  for (const item of items) {
    const key = keyOf(item);
    if (found.at(-1)?.key !== key) found.push({ key, items: [] });
    found.at(-1)!.items.push(item);
  }
  return found;
}
