import type { z } from 'zod';

const TYPES: Readonly<Record<string, string>> = {
  array: 'an array',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};

/** What is wrong with a value, in the words of our own rules: behind the value's name it makes a sentence. */
export function issueWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'unrecognized_keys':
      return `has ${issue.keys.map((key) => `'${key}'`).join(', ')}, which is none of its fields`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'must be a time in UTC, to the millisecond: 2026-01-31T12:00:00.000Z'
        : issue.message;
    case 'invalid_union':
      return 'has none of the forms that it may have';
    case 'invalid_key':
    case 'invalid_element':
      return 'has an entry that it may not have';
    case 'too_small':
      return bound(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least', issue);
    case 'too_big':
      return bound(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most', issue);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'custom':
      return issue.message;
    default:
      return issue satisfies never;
  }
}

/** A schema may have its own words for it, which do not begin as zod's do. */
function bound(
  origin: string,
  limit: number | bigint,
  relation: string,
  { message }: z.core.$ZodIssue,
): string {
  if (!message.startsWith('Too ')) return message;
  if (origin === 'string') return `must have ${relation} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `must have ${relation} ${limit} items`;
  return `must be ${relation} ${limit}`;
}
