import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortedJson } from '../../../generator/library/sorted_json.js';

test('writes equal values as equal bytes, and every value so that it reads back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const shuffled = Object.fromEntries(Object.entries(value).reverse());
      expect(sortedJson(shuffled)).toBe(sortedJson(value));
      expect(JSON.parse(sortedJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('sorts below the top, and leaves lists alone', () => {
  expect(sortedJson({ b: [2, 1, { d: 0, c: 0 }], a: '' })).toBe(
    '{\n  "a": "",\n  "b": [\n    2,\n    1,\n    {\n      "c": 0,\n      "d": 0\n    }\n  ]\n}\n',
  );
});
