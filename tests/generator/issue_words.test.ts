import { expect, test } from 'vitest';
import { z } from 'zod';
import { issueWords } from '../../generator/issue_words.js';

const schema = z.strictObject({
  count: z.int().positive().optional(),
  name: z.string().min(1).optional(),
  list: z.array(z.number()).min(1).max(2).optional(),
  kind: z.enum(['a', 'b']).optional(),
  one: z.literal('x').optional(),
  when: z.iso.datetime({ precision: 3 }).optional(),
  either: z.union([z.string(), z.number()]).optional(),
  own: z.array(z.number()).min(1, 'it is empty').optional(),
  map: z.record(z.string(), z.boolean()).optional(),
  last: z.boolean(),
});

test.each<[object, string, string]>([
  [{}, 'last', 'is missing'],
  [{ last: 1 }, 'last', 'must be true or false'],
  [{ last: true, count: '3' }, 'count', 'must be a number'],
  [{ last: true, count: 1.5 }, 'count', 'must be a whole number'],
  [{ last: true, count: 0 }, 'count', 'must be more than 0'],
  [{ last: true, name: '' }, 'name', 'must have at least 1 characters'],
  [{ last: true, list: [] }, 'list', 'must have at least 1 items'],
  [{ last: true, list: [1, 2, 3] }, 'list', 'must have at most 2 items'],
  [{ last: true, list: {} }, 'list', 'must be an array'],
  [{ last: true, kind: 'c' }, 'kind', 'must be one of a, b'],
  [{ last: true, one: 'y' }, 'one', 'must be x'],
  [
    { last: true, when: 'now' },
    'when',
    'must be a time in UTC, to the millisecond: 2026-01-31T12:00:00.000Z',
  ],
  [{ last: true, either: true }, 'either', 'has none of the forms that it may have'],
  [{ last: true, own: [] }, 'own', 'it is empty'],
  [{ last: true, map: [] }, 'map', 'must be an object'],
  [{ last: true, more: 1, other: 2 }, '', "has 'more', 'other', which is none of its fields"],
])('%o: %s %s', (value, path, words) => {
  const issue = schema.safeParse(value).error!.issues[0]!;
  expect([issue.path.join('.'), issueWords(issue)]).toEqual([path, words]);
});
