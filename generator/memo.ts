/** Remembers what a pure function made of each object, as long as the object lives. It may not change in that time. */
export function memoizeEach<O extends object, R>(compute: (object: O) => R): (object: O) => R {
  const known = new WeakMap<O, { readonly made: R }>();
  return (object) => {
    const found = known.get(object);
    if (found) return found.made;
    const made = compute(object);
    known.set(object, { made });
    return made;
  };
}

/** Remembers the latest call of a pure function; arguments are told apart by identity, and may not change. */
export function memoizeLast<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let last: { readonly args: A; readonly made: R } | undefined;
  return (...args) => {
    if (!last || args.some((arg, i) => arg !== last?.args[i])) last = { args, made: compute(...args) };
    return last.made;
  };
}

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
