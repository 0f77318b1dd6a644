/** The smallest part, `most` at most, that makes up a total in as few parts as any: of 112 by 28 that is 28, of 115 it is 23. */
export function evenPart(total: number, most: number): number {
  return Math.ceil(total / Math.ceil(total / most));
}
