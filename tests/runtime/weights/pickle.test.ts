import { describe, expect, test } from 'vitest';
import { unpickle } from '../../../runtime/weights/pickle/unpickle.js';
import * as p from '../../support/pickle_writer.js';

const read = (program: p.Code, protocol = 2) => unpickle(p.pickle(program, protocol), 'x.pth');
const items = (...values: unknown[]) => ({ kind: 'tuple', items: values });

describe('values', () => {
  test.each([
    ['None', p.NONE, null],
    ['bools', p.tuple(p.TRUE, p.FALSE), items(true, false)],
    [
      'BININT1, BININT2, BININT',
      p.tuple(p.bytes(0x4b, 255), p.bytes(0x4d, 1, 2), p.int(-5)),
      items(255, 513, -5),
    ],
    ['LONG1 beyond 2^53', p.int(2n ** 62n + 1n), 2n ** 62n + 1n],
    ['LONG1, negative', p.bytes(0x8a, 2, 0x00, 0x80), -32768],
    ['LONG1, of no bytes', p.bytes(0x8a, 0), 0],
    ['LONG4', p.join(p.bytes(0x8b), p.u32(1), p.bytes(0xff)), -1],
    ['BINFLOAT', p.float(0.1), 0.1],
    ['text', p.text('héé'), 'héé'],
    ['SHORT_BINUNICODE', p.join(p.bytes(0x8c, 2), p.op('ab')), 'ab'],
    ['BINUNICODE8', p.join(p.bytes(0x8d), p.u64(2n), p.op('ab')), 'ab'],
    ['SHORT_BINSTRING', p.join(p.op('U'), p.bytes(2), p.op('ab')), 'ab'],
    ['SHORT_BINBYTES', p.join(p.op('C'), p.bytes(1, 200)), Buffer.from([200])],
    [
      'bytes of protocol 2',
      p.call(p.global('_codecs', 'encode'), p.text('\u00c8'), p.text('latin1')),
      new Uint8Array([200]),
    ],
    ['tuples of 0 to 3', p.join(p.op(')'), p.op('NN\x86'), p.op('\x86')), items(items(), items(null, null))],
    ['TUPLE3', p.join(p.NONE, p.TRUE, p.NONE, p.op('\x87')), items(null, true, null)],
    ['lists', p.list(p.int(1), p.list()), { kind: 'list', items: [1, { kind: 'list', items: [] }] }],
    ['APPEND', p.join(p.op(']'), p.int(1), p.op('a')), { kind: 'list', items: [1] }],
    [
      'dicts',
      p.dict({ a: p.int(1), __proto__x: p.NONE }),
      {
        kind: 'dict',
        entries: new Map<string, unknown>([
          ['a', 1],
          ['__proto__x', null],
        ]),
      },
    ],
    [
      'SETITEM',
      p.join(p.op('}'), p.text('__proto__'), p.int(2), p.op('s')),
      { kind: 'dict', entries: new Map([['__proto__', 2]]) },
    ],
    ['the memo', p.join(p.text('a'), p.op('q\x07'), p.op('h\x07'), p.op('\x86')), items('a', 'a')],
    [
      'LONG_BINPUT',
      p.join(p.text('a'), p.op('r'), p.u32(2 ** 31), p.op('0'), p.op('j'), p.u32(2 ** 31)),
      'a',
    ],
    ['MEMOIZE and frames', p.join(p.bytes(0x95), p.u64(9n), p.text('a'), p.op('\x940h\x00')), 'a'],
    [
      'POP, POP_MARK and DUP',
      p.join(p.NONE, p.op('0'), p.op('(NN1'), p.TRUE, p.op('2\x86')),
      items(true, true),
    ],
  ])('%s', (_, program, value) => expect(read(program, 4)).toEqual(value));

  test('an OrderedDict with attributes is a dict', () => {
    const program = p.join(
      p.orderedDict(),
      p.text('a'),
      p.int(1),
      p.op('s'),
      p.dict({ _metadata: p.orderedDict() }),
      p.op('b'),
    );
    expect(read(program)).toEqual({ kind: 'dict', entries: new Map([['a', 1]]) });
  });

  test('options of a training script are dropped', () => {
    const program = p.join(
      p.global('argparse', 'Namespace'),
      p.op(')\x81'),
      p.dict({ lr: p.float(1) }),
      p.op('b'),
    );
    expect(read(program)).toEqual({ kind: 'dict', entries: new Map() });
  });

  test('a list may hold itself', () => {
    const list = read(p.join(p.op(']q\x00'), p.op('h\x00a'))) as { items: unknown[] };
    expect(list.items[0]).toBe(list);
  });

  test('tensors and parameters', () => {
    const tensor = p.tensor({
      storage: p.storage('7', 12, 'HalfStorage'),
      shape: [2, 3],
      strides: [1, 2],
      offset: 6,
    });
    const parameter = p.call(p.global('torch._utils', '_rebuild_parameter'), tensor, p.TRUE, p.orderedDict());
    const value = {
      kind: 'tensor',
      storage: { kind: 'storage', key: '7', type: 'F16', length: 12 },
      view: { offset: 6, shape: [2, 3], strides: [1, 2] },
    };
    expect(read(p.tuple(tensor, parameter))).toEqual(items(value, value));
  });
});

const tensor = (over: Partial<p.TensorCode>) =>
  p.tensor({ storage: p.storage('0', 6), shape: [2, 3], ...over });

describe('refused', () => {
  test.each([
    ['os.system', p.call(p.global('os', 'system'), p.text('true')), /'os\.system'.*nothing was executed/],
    ['builtins.eval', p.global('builtins', 'eval'), /'builtins\.eval'/],
    ['a global by STACK_GLOBAL', p.join(p.text('posix'), p.text('system'), p.bytes(0x93)), /'posix\.system'/],
    ['a global with a dot too many', p.global('collections', 'OrderedDict.fromkeys'), /fromkeys'/],
    ['a name that would move the cursor', p.global('a\x1b[2J', 'b'), /'a\?\[2J\.b'/],
    ['a global by numbers', p.join(p.int(1), p.int(2), p.bytes(0x93)), /something else than strings/],
    ['INST', p.op('(ios\nsystem\n'), /instruction 0x69/],
    ['OBJ', p.join(p.MARK, p.global('torch', 'FloatStorage'), p.op('o')), /instruction 0x6f/],
    ['an extension', p.bytes(0x82, 1), /instruction 0x82/],
    ['PERSID', p.op('Pabc\n'), /instruction 0x50/],
    ['NEWOBJ_EX', p.op('NNN\x92'), /instruction 0x92/],
    [
      'NEWOBJ of a storage',
      p.join(p.global('torch', 'FloatStorage'), p.op(')\x81')),
      /new object of torch\.FloatStorage/,
    ],
    [
      'a call of a storage type',
      p.call(p.global('torch', 'FloatStorage'), p.int(9)),
      /call of torch\.FloatStorage/,
    ],
    ['a call of a string', p.call(p.text('x')), /call of a str/],
    ['a call without a tuple', p.join(p.global('collections', 'OrderedDict'), p.op('NR')), /no tuple/],
    ['an OrderedDict of something', p.call(p.global('collections', 'OrderedDict'), p.list()), /arguments/],
    ['attributes of a tensor', p.join(tensor({}), p.op('}b')), /attributes/],
    ['another text encoding', p.call(p.global('_codecs', 'encode'), p.text('a'), p.text('rot13')), /latin1/],
    ['a parameter of nothing', p.call(p.global('torch._utils', '_rebuild_parameter'), p.NONE), /parameter/],
    [
      'a tensor of nothing',
      p.call(p.global('torch._utils', '_rebuild_tensor_v2')),
      /something else than a storage/,
    ],
    [
      'a tensor of text sizes',
      p.call(
        p.global('torch._utils', '_rebuild_tensor_v2'),
        p.storage('0', 1),
        p.int(0),
        p.tuple(p.text('1')),
        p.tuple(p.int(1)),
      ),
      /no numbers/,
    ],
    [
      'a storage of no known type',
      p.join(p.tuple(p.text('storage'), p.text('x')), p.op('Q')),
      /names a storage/,
    ],
    ['a storage of a negative length', p.storage('0', -1), /names a storage/],
    ['a storage of a length beyond 2^53', p.storage('0', 2n ** 62n), /names a storage/],
    ['a negative offset', tensor({ offset: -1 }), /no whole number/],
    ['a negative stride', tensor({ strides: [-3, 1] }), /no whole number/],
    ['a negative size', tensor({ shape: [-2, 3], strides: [3, 1] }), /no whole number/],
    ['a size beyond 2^53', tensor({ shape: [2n ** 61n, 3], strides: [0, 1] }), /no numbers|no whole number/],
    ['a stride too few', tensor({ strides: [1] }), /2 dimensions, and strides for 1/],
    ['too many dimensions', tensor({ shape: Array(65).fill(1) }), /65 dimensions/],
    ['strides beyond the storage', tensor({ strides: [4, 1] }), /beyond the 6 elements/],
    ['an offset beyond the storage', tensor({ offset: 1 }), /beyond the 6 elements/],
    ['no elements beyond the storage', tensor({ shape: [0], offset: 7 }), /beyond the 6 elements/],
    [
      'more elements than the storage',
      tensor({ shape: [1e6, 1e6], strides: [0, 0] }),
      /1000000000000 elements, more than the 6/,
    ],
    [
      'sizes whose product overflows',
      tensor({ shape: Array(64).fill(2 ** 30), strides: Array(64).fill(0) }),
      /elements, more than the 6/,
    ],
    ['a memo that is not there', p.op('h\x05'), /recalls/],
    ['POP of nothing', p.op('0'), /takes a value/],
    ['a value below the mark', p.op('N(0'), /takes a value/],
    ['a mark that is not there', p.op('t'), /mark/],
    ['a list that is none', p.op('NNa'), /appends/],
    ['a dict that is none', p.op('NNNs'), /sets an item/],
    ['a key without its value', p.op('}(Nu'), /without its value/],
    ['two values', p.op('NN'), /more than one/],
    ['no value', p.op(''), /takes a value/],
    ['an open mark', p.op('(N'), /takes a value|more than one/],
    ['text longer than the file', p.join(p.op('X'), p.u32(2 ** 32 - 1)), /ends too early/],
    ['bytes longer than the file', p.join(p.bytes(0x8e), p.u64(2n ** 64n - 1n)), /ends too early/],
    ['an endless integer', p.join(p.bytes(0x8b), p.u32(2 ** 31 - 1)), /integer of/],
    ['an integer of a negative length', p.join(p.bytes(0x8b), p.u32(2 ** 32 - 1)), /integer of -1/],
    ['text that is no UTF-8', p.join(p.op('U'), p.bytes(1, 0xff)), /UTF-8/],
    ['a global without its end', p.op('cos'), /ends too early|takes/],
  ])('%s', (_, program, message) => {
    expect(() => read(program)).toThrow(message);
    expect(() => read(program)).toThrow(/^'x\.pth': [^\r\n]*$/);
  });

  test.each([0, 1, 6, 255])('protocol %i', (protocol) =>
    expect(() => read(p.NONE, protocol)).toThrow(/not 2 to 5/),
  );

  test('a pickle without its protocol', () => {
    expect(() => unpickle(p.op('N.'), 'x')).toThrow(/begin with its protocol/);
    expect(() => unpickle(new Uint8Array(), 'x')).toThrow(/ends too early/);
  });

  test('a pickle that never ends', () => {
    expect(() => read(p.op('N0'.repeat(600_000)))).toThrow(/more than 1000000 instructions/);
  });

  test('a memo bomb stays small: what is shared is not copied', () => {
    const steps = Array.from({ length: 200 }, (_, i) =>
      p.join(p.op('q'), p.bytes(i), p.op('h'), p.bytes(i), p.op('\x86')),
    );
    expect(read(p.join(p.NONE, ...steps))).toHaveProperty('kind', 'tuple');
  });

  test('a list nested a hundred thousand deep', () => {
    expect(read(p.op(`${']'.repeat(100_000)}${'a'.repeat(99_999)}`))).toHaveProperty('kind', 'list');
  });
});
