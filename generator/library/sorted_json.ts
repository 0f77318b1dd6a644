/** JSON with sorted keys, two spaces and a final newline, so that equal values are equal bytes. */
export function sortedJson(value: unknown): string {
  return `${JSON.stringify(value, (_, part: unknown) => (isRecord(part) ? sorted(part) : part), 2)}\n`;
}

function sorted(record: object): object {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
