import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadWeights } from '../../../runtime/weights/load.js';
import * as p from '../../support/pickle_writer.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { FIXTURES, floatBytes, pthFile, refusal, written } from '../../support/weights.js';
import { zipFile } from '../../support/zip_writer.js';

const FLOATS = { '0': floatBytes(0, 1, 2, 3, 4, 5) };

/** A file of one state dict over one storage of six floats. */
function stateFile(
  tensors: Readonly<Record<string, Partial<p.TensorCode>>>,
  storages: Readonly<Record<string, Uint8Array>> = FLOATS,
  crc?: number,
): string {
  const entries = Object.entries(tensors).map(([name, over]) => [
    name,
    p.tensor({ storage: p.storage('0', 6), shape: [2, 3], ...over }),
  ]);
  return written(pthFile(p.pickle(p.dict(Object.fromEntries(entries))), storages, crc));
}

const numbers = async (path: string, name: string) => [
  ...(await (await loadWeights(path)).find(name)!.read()),
];

describe('what torch.save wrote', () => {
  test.each([
    ['1d', 82, 'stages.1.1.dwconv.weight', [20, 1, 1, 31]],
    ['1dpp', 97, 'stages.2.0.dwconv2.theta', [144]],
    ['2d', 65, 'stages.3.0.dwconv.weight', [52, 1, 7, 7]],
    ['2dpp', 80, 'downsample_layers.0.0.weight', [12, 3, 4, 4]],
  ])('small_%s.pth', async (variant, count, name, shape) => {
    const checkpoint = await loadWeights(`${FIXTURES}small_${variant}.pth`);
    expect(checkpoint.tensors).toHaveLength(count);
    expect(checkpoint.find(name)).toMatchObject({ shape, stored: 'F32' });
    for (const tensor of checkpoint.tensors) {
      const floats = await tensor.read();
      expect(floats).toHaveLength(tensor.shape.reduce((n, size) => n * size, 1));
      expect(floats.every(Number.isFinite), tensor.name).toBe(true);
    }
  });

  test('numbers, bit for bit', async () => {
    const path = `${FIXTURES}small_1d.pth`;
    const file = readFileSync(path);
    // The first storage, after its name and padding, as `unzip -v` has it: 36 floats of 144 bytes.
    const at =
      file.indexOf('small_1d/data/0') +
      'small_1d/data/0'.length +
      file.readUInt16LE(file.indexOf('small_1d/data/0') - 2);
    const floats = await (await loadWeights(path)).find('downsample_layers.0.pw1.weight')!.read();
    expect(Buffer.from(floats.buffer)).toEqual(file.subarray(at, at + 144));
  });
});

describe('storages and strides', () => {
  test.each([
    ['HalfStorage', new Uint16Array([0x3c00, 0xc000, 0x0001]), 'F16', [1, -2, 2 ** -24]],
    ['BFloat16Storage', new Uint16Array([0x3f80, 0xc000, 0x7f80]), 'BF16', [1, -2, Number.POSITIVE_INFINITY]],
    [
      'DoubleStorage',
      new Float64Array([0.1, 1e300, -2]),
      'F64',
      [Math.fround(0.1), Number.POSITIVE_INFINITY, -2],
    ],
    ['LongStorage', new BigInt64Array([1n, -(2n ** 40n), 2n ** 24n + 1n]), 'I64', [1, -(2 ** 40), 2 ** 24]],
    ['IntStorage', new Int32Array([1, -2, 2 ** 30]), 'I32', [1, -2, 2 ** 30]],
    ['ShortStorage', new Int16Array([1, -2, 300]), 'I16', [1, -2, 300]],
    ['CharStorage', new Int8Array([1, -2, 3]), 'I8', [1, -2, 3]],
    ['ByteStorage', new Uint8Array([1, 254, 3]), 'U8', [1, 254, 3]],
    ['BoolStorage', new Uint8Array([1, 0, 1]), 'BOOL', [1, 0, 1]],
  ])('%s', async (type, array, stored, values) => {
    const path = stateFile(
      { a: { storage: p.storage('0', 3, type), shape: [3] } },
      { '0': new Uint8Array(array.buffer) },
    );
    expect((await loadWeights(path)).find('a')!.stored).toBe(stored);
    expect(await numbers(path, 'a')).toEqual(values);
  });

  test.each<[string, Partial<p.TensorCode>, number[]]>([
    ['row-major', {}, [0, 1, 2, 3, 4, 5]],
    ['transposed', { shape: [3, 2], strides: [1, 3] }, [0, 3, 1, 4, 2, 5]],
    ['every second', { shape: [2], strides: [2], offset: 1 }, [1, 3]],
    ['one element, whatever its strides', { shape: [1, 1], strides: [99, 99], offset: 4 }, [4]],
    ['a scalar', { shape: [], offset: 5 }, [5]],
    ['nothing', { shape: [0, 3], offset: 6 }, []],
    ['one element again and again', { shape: [4], strides: [0], offset: 2 }, [2, 2, 2, 2]],
    ['in three dimensions', { shape: [2, 1, 2], strides: [1, 7, 3] }, [0, 3, 1, 4]],
  ])('%s', async (_, over, values) => expect(await numbers(stateFile({ a: over }), 'a')).toEqual(values));

  test('two tensors share a storage', async () => {
    const path = stateFile({ a: { shape: [3] }, b: { shape: [3], offset: 3 } });
    expect(await numbers(path, 'a')).toEqual([0, 1, 2]);
    expect(await numbers(path, 'b')).toEqual([3, 4, 5]);
  });

  test("what is read is the caller's own", async () => {
    const a = (await loadWeights(stateFile({ a: {} }))).find('a')!;
    (await a.read()).fill(7);
    expect([...(await a.read())]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('ZIP64', async () => {
    const data = p.pickle(p.dict({ a: p.tensor({ storage: p.storage('0', 6), shape: [6] }) }));
    const file = zipFile(
      [
        { name: 's/data.pkl', data },
        { name: 's/data/0', data: FLOATS['0'] },
      ],
      { zip64: true },
    );
    expect(await numbers(written(file), 'a')).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

test('without a checksum nothing is compared', async () => {
  expect(await numbers(stateFile({ a: {} }, FLOATS, 0), 'a')).toEqual([0, 1, 2, 3, 4, 5]);
});

describe('wrappers', () => {
  const one = p.tensor({ storage: p.storage('0', 6), shape: [1] });
  const two = p.tensor({ storage: p.storage('0', 6), shape: [2] });
  const content = (root: Readonly<Record<string, p.Code>>) => pthFile(p.pickle(p.dict(root)), FLOATS);
  const file = (root: Readonly<Record<string, p.Code>>) => written(content(root));
  const shapes = async (path: string, which?: 'model' | 'ema') =>
    Object.fromEntries(
      (await loadWeights(path, which && { which })).tensors.map(({ name, shape }) => [name, shape]),
    );

  test.each(['model', 'state_dict'])('%s', async (key) =>
    expect(await shapes(file({ epoch: p.int(3), [key]: p.dict({ a: one }), args: p.NONE }))).toEqual({
      a: [1],
    }),
  );
  test.each(['model_ema', 'state_dict_ema'])('%s, if the average is asked for', async (key) => {
    const path = file({ model: p.dict({ a: one }), [key]: p.dict({ a: two }) });
    expect(await shapes(path)).toEqual({ a: [1] });
    expect(await shapes(path, 'ema')).toEqual({ a: [2] });
  });
  test('module. before every name goes', async () =>
    expect(await shapes(file({ 'module.a': one, 'module.module.b': two }))).toEqual({
      a: [1],
      'module.b': [2],
    }));
  test('module. before some stays', async () =>
    expect(await shapes(file({ 'module.a': one, b: two }))).toEqual({ 'module.a': [1], b: [2] }));

  test.each<[string, Uint8Array, 'model' | 'ema', RegExp]>([
    [
      'no average',
      content({ model: p.dict({ a: one }) }),
      'ema',
      /^ema-missing .*only 'model'.*without --ema/,
    ],
    ['a list', pthFile(p.pickle(p.list())), 'model', /^state-dict .*a list/],
    ['a tensor', pthFile(p.pickle(one), FLOATS), 'model', /^state-dict .*a tensor/],
    ['no tensors', content({ epoch: p.int(1), lr: p.float(1) }), 'model', /^state-dict .*only 'epoch', 'lr'/],
    ['an empty dict', content({}), 'model', /^state-dict .*nothing/],
    ['an empty state dict', content({ model: p.dict({}) }), 'model', /^state-dict-empty /],
    ['a model that is a number', content({ model: p.int(7) }), 'model', /^state-dict .*an int as 'model'/],
    [
      'a number among the tensors',
      content({ a: one, b: p.int(7) }),
      'model',
      /^state-dict-value .*an int as 'b'/,
    ],
    [
      'a number as a name',
      pthFile(p.pickle(p.join(p.op('}'), p.int(7), one, p.op('s'))), FLOATS),
      'model',
      /^state-dict-key .*an int/,
    ],
  ])('refused: %s', async (_, bytes, which, message) =>
    expect(await refusal(loadWeights(written(bytes), { which }))).toMatch(message),
  );
});

describe('refused', () => {
  const one = p.tensor({ storage: p.storage('0', 6), shape: [1] });
  const good = p.pickle(p.dict({ a: one }));
  const zip = (...entries: Parameters<typeof zipFile>[0][number][]) => zipFile(entries);
  const pkl = { name: 's/data.pkl', data: good };
  const floats = { name: 's/data/0', data: FLOATS['0'] };

  test.each<[string, Uint8Array | string, RegExp]>([
    ['an empty file', '', /^weights-empty /],
    ['a text file', 'hello\nworld\n', /^weights-format .*text file/],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:1\n',
      /^weights-pointer .*git lfs pull/,
    ],
    ['another format', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0]), /^weights-format .*neither/],
    ['one byte', new Uint8Array([0]), /^weights-format /],
    [
      'a legacy file',
      Buffer.from('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.rest', 'latin1'),
      /^pth-legacy .*before 1\.6.*save it again/,
    ],
    ['a bare pickle', good, /^weights-format .*bare pickle/],
    ['a zip file without a pickle', zip({ name: 's/x', data: good }), /^pth-none /],
    ['a zip file of two checkpoints', zip(pkl, { ...pkl, name: 't/data.pkl' }), /^pth-none /],
    ['an empty zip file', zip(), /^pth-none /],
    ['a part twice', zip(pkl, pkl), /^pth-entry-twice .*'s\/data\.pkl'/],
    ['a part that would leave its folder', zip({ ...pkl, name: '../data.pkl' }), /^pth-zip /],
    ['a missing storage', zip(pkl), /^pth-storage .*lacks its part 's\/data\/0'/],
    ['a short storage', zip(pkl, { ...floats, data: floatBytes(1) }), /^pth-storage .*4 bytes.*24/],
    ['a compressed storage', zip(pkl, { ...floats, method: 8 }), /^pth-compressed .*'s\/data\/0'/],
    ['a compressed pickle', zip({ ...pkl, method: 8 }, floats), /^pth-compressed /],
    [
      'big-endian numbers',
      zip(pkl, floats, { name: 's/byteorder', data: p.op('big') }),
      /^pth-byteorder .*'big'/,
    ],
    [
      'an endless byte order',
      zip(pkl, floats, { name: 's/byteorder', data: p.op('x'.repeat(65)) }),
      /^pth-entry-long /,
    ],
    ['a pickle that has changed', zip({ ...pkl, crc: 1 }, floats), /^weights-checksum .*fetch it again/],
    [
      'a pickle that calls',
      zip({ ...pkl, data: p.pickle(p.global('os', 'system')) }),
      /^pickle-global .*'os\.system'/,
    ],
  ])('%s', async (_, content, message) =>
    expect(await refusal(loadWeights(written(content)))).toMatch(message),
  );

  test('numbers that have changed', async () => {
    const checkpoint = await loadWeights(stateFile({ a: {}, part: { shape: [5] } }, FLOATS, 1));
    expect(await refusal(checkpoint.find('a')!.read())).toMatch(/^weights-checksum /);
    expect([...(await checkpoint.find('part')!.read())]).toEqual([0, 1, 2, 3, 4]);
  });

  test('a folder', async () =>
    expect(await refusal(loadWeights(temporaryFolder()))).toMatch(/^weights-no-file .*folder/));
  test('no regular file', async () =>
    expect(await refusal(loadWeights('/dev/null'))).toMatch(/^weights-no-file /));
  test('no such file', async () =>
    expect(await refusal(loadWeights(join(temporaryFolder(), 'x.pth')))).toMatch(
      /^weights-unreadable .*no such file/,
    ));
  test('a path through a file', async () =>
    expect(await refusal(loadWeights(join(written('x'), 'y')))).toMatch(/^weights-unreadable /));
  test('a path with a zero', async () =>
    expect(await refusal(loadWeights('a\0b'))).toMatch(/^weights-unreadable /));

  test('every way to cut a file short', async () => {
    const file = zip(pkl, floats);
    const folder = temporaryFolder();
    for (let length = 1; length < file.length; length++) {
      const path = join(folder, String(length));
      writeFileSync(path, file.subarray(0, length));
      expect(await refusal(loadWeights(path))).toMatch(/^(pth-zip .*fetch it again|weights-format)/);
    }
  });

  test('offsets far beyond the file', async () => {
    const file = Buffer.from(zipFile([pkl, floats], { zip64: true }));
    const locator = file.indexOf('PK\x06\x07', 'latin1');
    for (const offset of [2n ** 63n, 2n ** 40n, BigInt(file.length) - 1n]) {
      file.writeBigUInt64LE(offset, locator + 8);
      expect(await refusal(loadWeights(written(file)))).toMatch(/^pth-zip .*beyond its end/);
    }
  });

  test('a file that was written again, in the same length', async () => {
    const path = written(zip(pkl, floats));
    const checkpoint = await loadWeights(path);
    utimesSync(path, 0, 0);
    expect(await refusal(checkpoint.find('a')!.read())).toMatch(/^weights-changed /);
  });

  test('a file that changed after it was opened', async () => {
    const path = written(zip(pkl, floats));
    const checkpoint = await loadWeights(path);
    writeFileSync(path, 'something else');
    expect(await refusal(checkpoint.find('a')!.read())).toMatch(/^weights-changed /);
  });
});
