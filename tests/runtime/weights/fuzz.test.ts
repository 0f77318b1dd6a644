import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrientedError } from '../../../generator/errors.js';
import type { Checkpoint } from '../../../runtime/weights/checkpoint.js';
import { loadWeights } from '../../../runtime/weights/load.js';
import { unpickle } from '../../../runtime/weights/pickle/unpickle.js';
import * as p from '../../support/pickle_writer.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { FIXTURES, floatBytes, pthFile } from '../../support/weights.js';
import { zipFile } from '../../support/zip_writer.js';

/** Names, shapes and types, which no damage may change unnoticed; or nothing, where the file is refused in one line. */
async function outcome(path: string): Promise<string | undefined> {
  try {
    const checkpoint = await loadWeights(path);
    await readAll(checkpoint);
    return checkpoint.tensors.map(({ name, shape, stored }) => `${name} ${shape} ${stored}`).join('\n');
  } catch (error) {
    if (error instanceof OrientedError && error.fault === 'user' && !/[\r\n]/.test(error.message))
      return undefined;
    throw error;
  }
}

async function readAll(checkpoint: Checkpoint): Promise<void> {
  for (const { shape, read } of checkpoint.tensors)
    expect(await read()).toHaveLength(shape.reduce((n, size) => n * size, 1));
}

const tiny = (zip64: boolean) =>
  zipFile(
    [
      {
        name: 's/data.pkl',
        data: p.pickle(p.dict({ ab: p.tensor({ storage: p.storage('0', 6), shape: [3, 2] }) })),
      },
      { name: 's/byteorder', data: p.op('little') },
      { name: 's/data/0', data: floatBytes(1, 2, 3, 4, 5, 6) },
    ],
    { zip64 },
  );

/** Of a file with its sound outcome: the same again, or a refusal, after any change of a byte. */
async function everyByte(content: Uint8Array): Promise<void> {
  const path = join(temporaryFolder(), 'x');
  writeFileSync(path, content);
  const sound = await outcome(path);
  expect(sound).toBeTypeOf('string');
  for (let at = 0; at < content.length; at++)
    for (const flip of [0x01, 0xff]) {
      const damaged = Uint8Array.from(content);
      damaged[at]! ^= flip;
      writeFileSync(path, damaged);
      expect([sound, undefined], `byte ${at} ^ ${flip}`).toContain(await outcome(path));
    }
}

test.each([false, true])('a changed byte of a .pth file (ZIP64: %s) is seen, or of no matter', (zip64) =>
  everyByte(tiny(zip64)),
);

const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 });

test.each(['small_1d.pth', 'small_2dpp.pth', 'small_2d_expected.safetensors'])(
  '%s, damaged or cut short, never fails otherwise than by a refusal',
  async (name) => {
    const content = readFileSync(`${FIXTURES}${name}`);
    const path = join(temporaryFolder(), name);
    // Half of the changes go where names and sizes are: both ends of a .pth file, the head of a safetensors file.
    const places = [content.length, 11_000, 11_000];
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(3), fc.nat(), async (flips, place, cut) => {
        const damaged = Uint8Array.from(content);
        for (const [at, flip] of flips) {
          const offset = at % (places[place] ?? content.length);
          damaged[place === 2 ? content.length - 1 - offset : offset]! ^= flip;
        }
        writeFileSync(path, place === 3 ? content.subarray(0, cut % content.length) : damaged);
        await outcome(path);
      }),
      { numRuns: 80 },
    );
  },
);

const instruction = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[...'N(01t)]}aesu2QRb.ocijqrhJKMGXUTCB'].map(p.op),
      ...[0x81, 0x85, 0x86, 0x87, 0x88, 0x8a, 0x8b, 0x8c, 0x93, 0x94, 0x95, 0x96].map((byte) =>
        p.bytes(byte),
      ),
    ),
  },
  fc.constantFrom(
    p.text('a'),
    p.int(3),
    p.storage('0', 6),
    p.orderedDict(),
    p.tensor({ storage: p.storage('0', 6), shape: [6] }),
  ),
  fc.constantFrom(
    p.global('torch._utils', '_rebuild_tensor_v2'),
    p.global('argparse', 'Namespace'),
    p.global('_codecs', 'encode'),
  ),
  fc.uint8Array({ maxLength: 4 }),
);

test('any program of instructions ends in a value or a refusal', () => {
  fc.assert(
    fc.property(
      fc.array(instruction, { maxLength: 30 }),
      fc.integer({ min: 2, max: 5 }),
      (program, protocol) => {
        try {
          unpickle(p.pickle(p.join(...program), protocol), 'x.pth');
        } catch (error) {
          if (!(error instanceof OrientedError) || /[\r\n]/.test(error.message)) throw error;
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('any pickle in a .pth file ends in a checkpoint or a refusal', async () => {
  const path = join(temporaryFolder(), 'x.pth');
  const storages = { '0': floatBytes(1, 2, 3, 4, 5, 6) };
  await fc.assert(
    fc.asyncProperty(fc.array(instruction, { maxLength: 8 }), async (program) => {
      writeFileSync(path, pthFile(p.pickle(p.dict({ a: p.join(...program) })), storages));
      await outcome(path);
    }),
    { numRuns: 300 },
  );
});

test('any header of a safetensors file ends in a checkpoint or a refusal', async () => {
  const path = join(temporaryFolder(), 'x.safetensors');
  const value = fc.oneof(
    fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'I64', 'BOOL', 'X'),
      shape: fc.array(fc.oneof(fc.nat(3), fc.integer())),
      data_offsets: fc.tuple(fc.nat(16), fc.nat(16)),
    }),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), value), fc.nat(16), async (header, data) => {
      const json = Buffer.from(JSON.stringify(header));
      const length = Buffer.alloc(8);
      length.writeUInt32LE(json.length);
      writeFileSync(path, Buffer.concat([length, json, Buffer.alloc(data)]));
      await outcome(path);
    }),
    { numRuns: 300 },
  );
});
