import { refuse } from '../errors.js';

/** Reads a pickle from front to back. Every method throws WeightsError where the pickle ends before. */
export class PickleBytes {
  readonly #bytes: Buffer;
  readonly source: string;
  #at = 0;

  /** @param source what messages call the file */
  constructor(bytes: Uint8Array, source: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.source = source;
  }

  /** Not a copy. @param length in bytes */
  take(length: number): Buffer {
    const end = this.#at + length;
    if (!(end <= this.#bytes.length))
      refuse(this.source, 'pickle-truncated', 'holds a pickle that ends too early', 'fetch or save it again');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u16(): number {
    return this.take(2).readUInt16LE();
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  /** A length; those beyond 2^53 are rounded, and longer than any file all the same. */
  u64(): number {
    return Number(this.take(8).readBigUInt64LE());
  }

  i32(): number {
    return this.take(4).readInt32LE();
  }

  /** The only number of the format that is big-endian. */
  f64(): number {
    return this.take(8).readDoubleBE();
  }

  text(length: number): string {
    const bytes = this.take(length);
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      return refuse(
        this.source,
        'pickle-text',
        'holds a pickle with text that is no UTF-8',
        'save it again',
        cause,
      );
    }
  }

  /** Up to the end of the line, which is left out. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    const text = this.text((end < 0 ? this.#bytes.length : end) - this.#at);
    this.take(1);
    return text;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
