/** Remembers the latest `capacity` results of a pure function, by a key of its arguments. */
export function memoize<A extends readonly unknown[], R>(
  key: (...args: A) => string,
  compute: (...args: A) => R,
  capacity = 4096,
): (...args: A) => R {
  const known = new Map<string, R>();
  return (...args) => {
    const k = key(...args);
    const found = known.get(k);
    if (found !== undefined) return found;
    const made = compute(...args);
    if (known.size >= capacity) known.delete(known.keys().next().value!);
    known.set(k, made);
    return made;
  };
}
