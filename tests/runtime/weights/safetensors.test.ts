import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NamedTensor } from '../../../runtime/weights/checkpoint.js';
import { loadWeights } from '../../../runtime/weights/load.js';
import { WRITTEN_TYPES } from '../../../runtime/weights/safetensors/encode.js';
import { writeSafetensors } from '../../../runtime/weights/safetensors/write_safetensors.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { FIXTURES, floatBytes, refusal, written } from '../../support/weights.js';

function named(name: string, shape: readonly number[], floats: readonly number[]): NamedTensor {
  return { kind: 'named-tensor', name, shape, stored: 'F32', read: async () => Float32Array.from(floats) };
}

function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, data]);
}

const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('reading', () => {
  test.each(['1d', '1dpp', '2d', '2dpp'])('what PyTorch computed with small_%s', async (variant) => {
    const expected = await loadWeights(`${FIXTURES}small_${variant}_expected.safetensors`);
    expect(expected.format).toBe('safetensors');
    const shapes = { input: [2, 3, 64, 96], stage0: [2, 12, 16, 24], stage3: [2, 52, 2, 3], logits: [2, 10] };
    for (const [name, shape] of Object.entries(shapes)) {
      const tensor = expected.find(name)!;
      expect(tensor.shape).toEqual(shape);
      expect((await tensor.read()).every(Number.isFinite)).toBe(true);
    }
    // Cross-entropy of the logits with labels 3 and 7, which joins two tensors of the file.
    const logits = await expected.find('logits')!.read();
    const losses = [3, 7].map((label, i) => {
      const row = logits.subarray(10 * i, 10 * i + 10);
      return Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label]!;
    });
    expect((await expected.find('loss')!.read())[0]).toBeCloseTo((losses[0]! + losses[1]!) / 2, 5);
  });

  test('by its content, whatever it is called', async () => {
    const path = written(file({ a: f32([2], 0, 8) }, floatBytes(1, 2)), 'a.pth');
    expect([...(await (await loadWeights(path)).find('a')!.read())]).toEqual([1, 2]);
  });

  test('a header whose length looks like another format', async () => {
    const header = JSON.stringify({ a: f32([0], 0, 0) }).padEnd(0x80, ' ');
    expect((await loadWeights(written(file(header)))).tensors).toHaveLength(1);
  });

  test('metadata, scalars, nothing, names that are special in JavaScript, module.', async () => {
    const header = `{"__metadata__":{"format":"pt"},"module.__proto__":${JSON.stringify(f32([], 0, 4))},"module.7":${JSON.stringify(f32([0, 3], 4, 4))}}   `;
    const checkpoint = await loadWeights(written(file(header, floatBytes(3))));
    expect(checkpoint.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['__proto__', []],
      ['7', [0, 3]],
    ]);
    expect([...(await checkpoint.find('__proto__')!.read())]).toEqual([3]);
  });

  test('the average of a file that has none', async () => {
    const work = loadWeights(written(file({ a: f32([0], 0, 0) })), { which: 'ema' });
    expect(await refusal(work)).toMatch(/^ema-missing .*without --ema/);
  });
});

describe('refused', () => {
  const eight = floatBytes(1, 2);
  const twice = `{"a":${JSON.stringify(f32([1], 0, 4))},"b":${JSON.stringify(f32([1], 4, 8))},"a":${JSON.stringify(f32([1], 0, 4))}}`;
  test.each<[string, Uint8Array, RegExp]>([
    ['a gap at the start', file({ a: f32([1], 4, 8) }, eight), /gap of 4 bytes before 'a'/],
    [
      'a gap between',
      file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, floatBytes(1, 2, 3)),
      /gap of 4 bytes before 'b'/,
    ],
    ['an overlap', file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, eight), /lets 'b' overlap/],
    ['two tensors in one place', file({ a: f32([2], 0, 8), b: f32([2], 0, 8) }, eight), /overlap/],
    ['numbers left over', file({ a: f32([1], 0, 4) }, eight), /^safetensors-excess .*8 bytes.*describes 4/],
    [
      'numbers missing',
      file({ a: f32([4], 0, 16) }, eight),
      /^safetensors-truncated .*8 bytes.*describes 16/,
    ],
    [
      "a size that is not the shape's",
      file({ a: f32([3], 0, 8) }, eight),
      /8 bytes where F32 \[3\] takes 12/,
    ],
    ['an end before the beginning', file({ a: f32([1], 8, 4) }, eight), /'a' -4 bytes/],
    ['an endless shape', file({ a: f32([2 ** 40, 2 ** 40], 0, 8) }, eight), /'a' 8 bytes where/],
    ['a negative size', file({ a: f32([-2, -1], 0, 8) }, eight), /by something else/],
    ['half a size', file({ a: f32([0.5, 4], 0, 8) }, eight), /by something else/],
    [
      'a place beyond 2^53',
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[9007199254740993,9007199254740997]}}', eight),
      /by something else/,
    ],
    ['one place', file({ a: { dtype: 'F32', shape: [2], data_offsets: [0] } }, eight), /by something else/],
    ['a field too many', file({ a: { ...f32([2], 0, 8), order: 'C' } }, eight), /by something else/],
    ['a field missing', file({ a: { dtype: 'F32', data_offsets: [0, 8] } }, eight), /by something else/],
    ['a tensor that is a number', file({ a: 1 }), /by something else/],
    [
      'an unknown type',
      file({ a: { dtype: 'F8_E4M3', shape: [8], data_offsets: [0, 8] } }, eight),
      /^safetensors-dtype .*'F8_E4M3'.*F32/,
    ],
    [
      'a type from JavaScript',
      file({ a: { dtype: 'toString', shape: [8], data_offsets: [0, 8] } }, eight),
      /^safetensors-dtype /,
    ],
    ['metadata of numbers', file({ __metadata__: { a: 1 } }), /__metadata__/],
    ['metadata of text', file({ __metadata__: 'a' }), /__metadata__/],
    ['a name twice', file(twice, eight), /one name twice/],
    ['a name twice, once escaped', file(twice.replace('"a"', '"\\u0061"'), eight), /one name twice/],
    [
      'a field twice',
      file('{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', eight),
      /one name twice/,
    ],
    ['a piece of metadata twice', file('{"__metadata__":{"a":"b","a":"b"}}'), /one name twice/],
    ['no JSON', file('{"a":'), /is no JSON/],
    ['no UTF-8', Buffer.concat([file('{"a'), Buffer.from([0xff])]).fill(4, 0, 1), /no UTF-8/],
    [
      'a header beyond the file',
      file('{}').fill(9, 0, 1),
      /^safetensors-truncated .*inside its safetensors header/,
    ],
    ['a header beyond the limit', file('{}').fill(0xff, 0, 4), /^safetensors-header .*100000000/],
    [
      'too many tensors',
      file(`{${Array.from({ length: 100_001 }, (_, i) => `"${i}":0`)}}`),
      /more than 100000 tensors/,
    ],
    [
      'a header that is nested without end',
      file(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      /by something else/,
    ],
  ])('%s', async (_, content, message) =>
    expect(await refusal(loadWeights(written(content)))).toMatch(message),
  );

  test('every way to cut a file short', async () => {
    const content = file({ a: f32([2], 0, 8) }, eight);
    const expected = /^(safetensors-truncated|weights-format|weights-empty) /;
    for (let length = 0; length < content.length; length++)
      expect(await refusal(loadWeights(written(content.subarray(0, length))))).toMatch(expected);
  });
});

describe('writing', () => {
  const anyTensors = fc.uniqueArray(
    fc.record({ name: fc.string({ unit: 'grapheme' }), shape: fc.array(fc.nat(4), { maxLength: 4 }) }),
    { selector: ({ name }) => name, maxLength: 8 },
  );

  test('what was written is read, bit for bit', async () => {
    const path = join(temporaryFolder(), 'x.safetensors');
    await fc.assert(
      fc.asyncProperty(anyTensors, fc.infiniteStream(fc.float()), async (specs, floats) => {
        const tensors = specs
          .filter(({ name }) => name !== '__metadata__' && !name.startsWith('module.'))
          .map(({ name, shape }) =>
            named(name, shape, [...floats.take(shape.reduce((n, size) => n * size, 1))]),
          );
        await writeSafetensors(path, tensors, { metadata: { format: 'pt' } });
        const back = await loadWeights(path);
        expect(new Set(back.tensors.map(({ name }) => name))).toEqual(
          new Set(tensors.map(({ name }) => name)),
        );
        for (const { name, shape, read } of tensors) {
          expect(back.find(name)).toMatchObject({ shape, stored: 'F32' });
          expect(new Uint32Array((await back.find(name)!.read()).buffer)).toEqual(
            new Uint32Array((await read()).buffer),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each(WRITTEN_TYPES)('numbers that %s holds come back', async (type) => {
    const path = join(temporaryFolder(), 'x.safetensors');
    await writeSafetensors(path, [named('a', [3], [1, -2, 96])], { type: () => type });
    const a = (await loadWeights(path)).find('a')!;
    expect([a.stored, ...(await a.read())]).toEqual([type, 1, -2, 96]);
  });

  test('wide types first, then by name; the header a multiple of eight', async () => {
    const path = join(temporaryFolder(), 'x.safetensors');
    const types = { b: 'F16', a: 'F32', d: 'F64', c: 'F32' } as const;
    const tensors = Object.keys(types).map((name) => named(name, [1], [1]));
    await writeSafetensors(path, tensors, { type: ({ name }) => types[name as keyof typeof types] });
    expect((await loadWeights(path)).tensors.map(({ name }) => name)).toEqual(['d', 'a', 'c', 'b']);
    expect(readFileSync(path).readUInt32LE() % 8).toBe(0);
  });

  test('a .pth file converted holds the same numbers', async () => {
    const pth = await loadWeights(`${FIXTURES}small_1dpp.pth`);
    const path = join(temporaryFolder(), 'x.safetensors');
    await writeSafetensors(path, pth.tensors);
    const back = await loadWeights(path);
    expect(back.tensors).toHaveLength(pth.tensors.length);
    for (const { name, read } of pth.tensors) expect(await back.find(name)!.read()).toEqual(await read());
  });

  test('over the file that it reads', async () => {
    const path = written(file({ a: f32([2], 0, 8) }, floatBytes(1, 2)));
    await writeSafetensors(path, (await loadWeights(path)).tensors, { type: () => 'F16' });
    expect([...(await (await loadWeights(path)).find('a')!.read())]).toEqual([1, 2]);
  });

  test.each<[string, NamedTensor[], 'I64' | 'F16' | 'F32', RegExp]>([
    [
      'a fraction as I64',
      [named('a', [2], [1, 0.5])],
      'I64',
      /^safetensors-unfit .*0\.5 of 'a' as I64; write it as F32/,
    ],
    ['NaN as I64', [named('a', [1], [Number.NaN])], 'I64', /^safetensors-unfit .*NaN/],
    ['70000 as F16', [named('a', [1], [70000])], 'F16', /^safetensors-unfit .*70000/],
    ['a name twice', [named('a', [], [1]), named('a', [], [1])], 'F32', /^safetensors-name .*'a'/],
    ['the name of metadata', [named('__metadata__', [], [1])], 'F32', /^safetensors-name /],
    ['a name that is no text', [named('\ud800', [], [1])], 'F32', /^safetensors-name /],
  ])('refused, and nothing left behind: %s', async (_, tensors, type, message) => {
    const path = join(temporaryFolder(), 'x.safetensors');
    expect(await refusal(writeSafetensors(path, tensors, { type: () => type }))).toMatch(message);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  test('refused: a folder that is not there, and one in its place', async () => {
    const folder = temporaryFolder();
    expect(await refusal(writeSafetensors(join(folder, 'a/b'), []))).toMatch(
      /^safetensors-unwritable .*no such file/,
    );
    mkdirSync(join(folder, 'c'));
    expect(await refusal(writeSafetensors(join(folder, 'c'), []))).toMatch(/^safetensors-unwritable /);
    expect(readdirSync(folder)).toEqual(['c']);
  });
});
