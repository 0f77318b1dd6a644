/** Where an ELF file of 64 bits says where its sections are, and what it says of one. In bytes. */
const HEADER = { sections: 0x28, entry: 0x3a, count: 0x3c, names: 0x3e } as const;
const SECTION = { name: 0x00, type: 0x04, offset: 0x18, size: 0x20 } as const;
const HEADER_BYTES = 0x40;
/** A type of section that takes no bytes of the file. */
const NO_BITS = 8;

/**
 * Sections of a cubin that decide what a GPU does: instructions, constants with their tables of jumps and where those point, what memory
 * holds at first, and of each kernel how it is launched. Others have names, which compilers choose by chance, and notes for tools.
 */
const DECIDING = /^\.(text|nv\.constant|rela\.nv\.constant|nv\.global|nv\.shared|nv\.info\.)/;

/**
 * What a GPU would do, of a cubin: its deciding sections by name, of those without bytes their length.
 *
 * @param cubin not packed
 * @returns undefined if it is no ELF file of 64 bits, as a PTX is none
 */
export function machineCode(cubin: Uint8Array): ReadonlyMap<string, Buffer | number> | undefined {
  const file = Buffer.from(cubin.buffer, cubin.byteOffset, cubin.byteLength);
  if (file.length < HEADER_BYTES || file.toString('latin1', 0, 5) !== '\x7fELF\x02') return undefined;
  const first = Number(file.readBigUInt64LE(HEADER.sections));
  const section = (i: number) => sectionOf(file, first + i * file.readUInt16LE(HEADER.entry));
  const names = section(file.readUInt16LE(HEADER.names)).bytes;
  const all = Array.from({ length: file.readUInt16LE(HEADER.count) }, (_, i) => section(i));
  return new Map(
    all
      .map(({ name, type, bytes, size }) => {
        const text = names.toString('latin1', name, names.indexOf(0, name));
        return [text, type === NO_BITS ? size : bytes] as const;
      })
      .filter(([name]) => DECIDING.test(name)),
  );
}

/** Whether two cubins make a GPU do the same. */
export function isSameCode(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [machineCode(one), machineCode(other)];
  return (
    a !== undefined &&
    b !== undefined &&
    a.size === b.size &&
    [...a].every(([name, what]) => isSame(what, b.get(name)))
  );
}

function isSame(one: Buffer | number, other: Buffer | number | undefined): boolean {
  return Buffer.isBuffer(one) && Buffer.isBuffer(other) ? one.equals(other) : one === other;
}

function sectionOf(file: Buffer, at: number) {
  const size = Number(file.readBigUInt64LE(at + SECTION.size));
  const offset = Number(file.readBigUInt64LE(at + SECTION.offset));
  return {
    name: file.readUInt32LE(at + SECTION.name),
    type: file.readUInt32LE(at + SECTION.type),
    size,
    bytes: file.subarray(offset, offset + size),
  };
}
