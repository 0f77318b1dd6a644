/** What a member is by typeof, or an array. */
type MemberType = 'string' | 'number' | 'function' | 'object' | 'array';

/**
 * Whether a value is of a kind and has its members, as what our own functions make: programs in JavaScript may hand over
 * anything, and the kind alone is soon written.
 */
export function isMade<T extends { readonly kind: string }>(
  value: unknown,
  kind: T['kind'],
  members: { readonly [name in keyof T]?: MemberType },
): value is T {
  if (typeof value !== 'object' || value === null) return false;
  const all = value as Readonly<Record<string, unknown>>;
  return all.kind === kind && Object.entries(members).every(([name, type]) => isOf(all[name], type));
}

function isOf(member: unknown, type: unknown): boolean {
  if (type === 'array') return Array.isArray(member);
  return typeof member === type && member !== null;
}
