/** A command line of options with one value each, some of them given otherwise. */
export function changed(line: readonly string[], change: readonly string[]): readonly string[] {
  const given = new Set(change.map((word) => word.split('=')[0]));
  const kept = line.filter((word, i) => !given.has(word.startsWith('--') ? word : line[i - 1]));
  return [...kept, ...change];
}
