import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeNpy, encodeNpy, readNpy, shapeText } from '../../cli/npy.js';
import { packagePath } from '../../generator/package.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const fixture = (name: string) => packagePath('tests', 'fixtures', 'npy', name);
const SIXTHS = [0, 0.25, 0.5, 0.75, 1, 1.25];

test.each(['f4.npy', 'f4_version2.npy', 'f4_version3.npy'])('reads %s as NumPy wrote it', async (name) => {
  const { shape, data, stored } = await readNpy(fixture(name));
  expect({ shape, data: [...data], stored }).toEqual({ shape: [2, 3], data: SIXTHS, stored: 'float32' });
});

test('reads one dimension, none, and no elements', async () => {
  expect(await readNpy(fixture('f4_vector.npy'))).toMatchObject({ shape: [3] });
  const scalar = await readNpy(fixture('f4_scalar.npy'));
  expect([scalar.shape, [...scalar.data]]).toEqual([[], [1.5]]);
  const empty = await readNpy(fixture('f4_empty.npy'));
  expect([empty.shape, empty.data.length]).toEqual([[0, 3], 0]);
});

test('rounds float64 to float32, and says so', async () => {
  const { data, stored } = await readNpy(fixture('f8.npy'));
  expect(stored).toBe('float64');
  expect([...data]).toEqual(SIXTHS.map((v) => Math.fround(v + 0.1)));
});

test("puts Fortran's order into C's", async () => {
  const { shape, data } = await readNpy(fixture('f4_fortran.npy'));
  expect(shape).toEqual([2, 3, 4]);
  expect([...data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
});

test('writes the bytes that NumPy writes', async () => {
  for (const name of ['f4.npy', 'f4_vector.npy', 'f4_empty.npy', 'f4_scalar.npy']) {
    const { shape, data } = await readNpy(fixture(name));
    expect(Buffer.from(encodeNpy(shape, data))).toEqual(readFileSync(fixture(name)));
  }
});

test('reads back what it writes, wherever it lies in memory', () => {
  const arrays = fc
    .array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 })
    .chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.float32Array({ minLength: shape.reduce(times, 1), maxLength: shape.reduce(times, 1) }),
        fc.integer({ min: 0, max: 7 }),
      ),
    );
  fc.assert(
    fc.property(arrays, ([shape, data, shift]) => {
      const file = encodeNpy(shape, data);
      const moved = Buffer.alloc(file.length + shift).subarray(shift);
      moved.set(file);
      const back = decodeNpy(moved, 'x.npy');
      expect(back.shape).toEqual(shape);
      expect(back.data).toEqual(data);
    }),
  );
});

test('elements start at a multiple of 64 bytes, however long the shape', () => {
  for (let rank = 0; rank < 30; rank++) {
    const file = encodeNpy(Array<number>(rank).fill(1), Float32Array.of(1));
    expect((file.length - 4) % 64).toBe(0);
    expect(file[file.length - 5]).toBe('\n'.charCodeAt(0));
  }
});

test.each([
  ['f4_big_endian.npy', /elements of type >f4, not little-endian float32; save x\.astype\('<f4'\)/],
  ['f2.npy', /type <f2/],
  ['i4.npy', /type <i4/],
  ['bool.npy', /type \|b1/],
  ['objects.npy', /type \|O/],
  ['records.npy', /holds records/],
  ['make.py', /is no \.npy file/],
  ['none.npy', /cannot be read: no such file or directory/],
  ['.', /cannot be read: illegal operation on a directory/],
])('refuses %s', async (name, reason) => {
  await expect(readNpy(fixture(name))).rejects.toThrow(reason);
});

test('a file cut short anywhere is refused, and so is one that goes on', () => {
  const whole = readFileSync(fixture('f4.npy'));
  for (let length = 0; length < whole.length; length++)
    expect(() => decodeNpy(whole.subarray(0, length), 'cut.npy'), `${length} bytes`).toThrow(
      /^'cut\.npy': (is no \.npy file|ends inside its \.npy header|holds \d+ bytes of elements where float32 \(2, 3\) takes 24)/,
    );
  expect(() => decodeNpy(Buffer.concat([whole, whole]), 'two.npy')).toThrow(
    /holds 176 bytes.*one array a file/,
  );
});

test('a damaged header is refused', () => {
  const damaged = (from: string, to: string) => {
    const file = readFileSync(fixture('f4.npy')).toString('latin1').replace(from, to);
    return () => decodeNpy(Buffer.from(file, 'latin1'), 'x.npy');
  };
  expect(damaged('descr', 'dexcr')).toThrow(/header/);
  expect(damaged('False', 'Fa1se')).toThrow(/header/);
  expect(damaged('(2, 3)', '(2,-3)')).toThrow(/header/);
  expect(damaged('(2, 3)', '(2x 3)')).toThrow(/header/);
  for (const tuple of [
    '(2 3)',
    '(2,,3)',
    '(,)',
    '(6)',
    '((2, 3)',
    '(2, 3',
    '(0x2, 3)',
    '(2, 3,,)',
    '(2.0, 3)',
  ])
    expect(damaged('(2, 3)', tuple), tuple).toThrow(/header/);
  expect(damaged('(2, 3)', '(9, 9)')).toThrow(/takes 324/);
  expect(damaged('\x01\x00', '\x07\x00')).toThrow(/version 7; 1 to 3 are known/);
});

test('a shape may have spaces, a last comma and the L of Python 2', () => {
  for (const tuple of ['(2,3)', '( 2 , 3 , )', '(2L, 3L)', '(2, 3,)']) {
    const file = readFileSync(fixture('f4.npy'))
      .toString('latin1')
      .replace('(2, 3)'.padEnd(12), tuple.padEnd(12));
    expect(decodeNpy(Buffer.from(file, 'latin1'), tuple).shape).toEqual([2, 3]);
  }
});

test('a header of digits without end is refused, at once', () => {
  // With a pattern that backtracks, the few digits alone would take years.
  for (const digits of ['1'.repeat(60), '1,'.repeat(30_000), ' '.repeat(60_000)])
    expect(() => decodeNpy(headed(`(${digits}x)`), 'x.npy')).toThrow(/header/);
});

test('every fixture is read or refused here', () => {
  const tested = readFileSync(packagePath('tests', 'cli', 'npy.test.ts'), 'utf8');
  const names = readdirSync(packagePath('tests', 'fixtures', 'npy'));
  expect(names.filter((name) => !tested.includes(name))).toEqual([]);
});

test('reads a file of its own from disk', async () => {
  const file = join(temporaryFolder(), 'x.npy');
  writeFileSync(file, encodeNpy([1, 2], Float32Array.of(1, 2)));
  expect([...(await readNpy(file)).data]).toEqual([1, 2]);
});

test('shapes read as Python writes them', () => {
  expect([[], [2], [2, 3]].map(shapeText)).toEqual(['()', '(2,)', '(2, 3)']);
});

/** A file without elements whose header has this shape. */
function headed(shape: string): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const preamble = Buffer.from('\x93NUMPY\x02\x00\x00\x00\x00\x00', 'latin1');
  preamble.writeUInt32LE(header.length, 8);
  return Buffer.concat([preamble, Buffer.from(header, 'latin1')]);
}

function times(a: number, b: number): number {
  return a * b;
}

/** Reads what a process writes into a pipe, and then lets that end. */
async function piped(bytes: Uint8Array): Promise<Awaited<ReturnType<typeof readNpy>>> {
  const pipe = join(temporaryFolder(), 'x.npy');
  execFileSync('mkfifo', [pipe]);
  const [array] = await Promise.all([readNpy(pipe), writeFile(pipe, bytes)]);
  return array;
}

test('reads a pipe as a file', async () => {
  for (const name of [
    'f4.npy',
    'f4_version2.npy',
    'f4_version3.npy',
    'f8.npy',
    'f4_scalar.npy',
    'f4_empty.npy',
  ])
    expect(await piped(readFileSync(fixture(name))), name).toEqual(await readNpy(fixture(name)));
  const large = encodeNpy([700_000], new Float32Array(700_000).fill(3)); // several pieces
  expect((await piped(large)).data).toHaveLength(700_000);
});

test.each<[string, Uint8Array, RegExp]>([
  ['is no array', Buffer.from('hello'), /is no \.npy file/],
  ['ends too early', encodeNpy([4], new Float32Array(4)).subarray(0, 131), /holds 3 bytes .* takes 16/],
  [
    'holds more',
    Buffer.concat([encodeNpy([4], new Float32Array(4)), Buffer.of(1)]),
    /holds 17 bytes .* takes 16/,
  ],
  [
    'promises a header without end',
    Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\x7f', 'latin1'),
    /has a \.npy header of 2147483647 bytes/,
  ],
])('refuses a pipe that %s', async (_, bytes, rule) => {
  await expect(piped(bytes)).rejects.toThrow(rule);
});

test('reads no more of what never ends than its header asks for', async () => {
  await expect(readNpy('/dev/zero')).rejects.toThrow("'/dev/zero': is no .npy file");
});
