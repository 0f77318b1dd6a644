/** Pickles as Python would write them, and as nobody would: each function gives the bytes of an instruction or value. */
export type Code = Uint8Array;

export const bytes = (...values: number[]): Code => Uint8Array.from(values);
export const op = (char: string): Code => Buffer.from(char, 'latin1');
export const join = (...parts: readonly Code[]): Code => Buffer.concat(parts);

/** A whole pickle: the protocol, a program, the end. */
export function pickle(program: Code, protocol = 2): Code {
  return join(bytes(0x80, protocol), program, op('.'));
}

export function u32(value: number): Code {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
}

export function u64(value: bigint): Code {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(value);
  return out;
}

export const NONE = op('N');
export const TRUE = bytes(0x88);
export const FALSE = bytes(0x89);
export const MARK = op('(');

export function text(value: string): Code {
  const utf8 = Buffer.from(value);
  return join(op('X'), u32(utf8.length), utf8);
}

/** BININT where it fits, LONG1 otherwise. */
export function int(value: number | bigint): Code {
  if (typeof value === 'number' && value === (value | 0)) return join(op('J'), u32(value));
  return join(bytes(0x8a, 8), u64(BigInt.asUintN(64, BigInt(value))));
}

export function float(value: number): Code {
  const out = Buffer.alloc(9);
  out.write('G');
  out.writeDoubleBE(value, 1);
  return out;
}

export const tuple = (...items: readonly Code[]): Code => join(MARK, ...items, op('t'));
export const list = (...items: readonly Code[]): Code => join(op(']'), MARK, ...items, op('e'));
export const dict = (items: Readonly<Record<string, Code>>): Code =>
  join(op('}'), MARK, ...Object.entries(items).flatMap(([key, value]) => [text(key), value]), op('u'));

export const global = (module: string, name: string): Code => op(`c${module}\n${name}\n`);
export const call = (callee: Code, ...args: readonly Code[]): Code => join(callee, tuple(...args), op('R'));
export const orderedDict = (): Code => call(global('collections', 'OrderedDict'));

export function storage(key: string, length: number | bigint, type = 'FloatStorage'): Code {
  return join(tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(length)), op('Q'));
}

export interface TensorCode {
  readonly storage: Code;
  readonly shape: readonly (number | bigint)[];
  readonly strides?: readonly (number | bigint)[];
  readonly offset?: number | bigint;
}

/** torch._utils._rebuild_tensor_v2(...); row-major unless strides are given. */
export function tensor({ storage, shape, strides, offset = 0 }: TensorCode): Code {
  const rowMajor = shape.map((_, i) => shape.slice(i + 1).reduce<number>((n, size) => n * Number(size), 1));
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    storage,
    int(offset),
    tuple(...shape.map(int)),
    tuple(...(strides ?? rowMajor).map(int)),
    FALSE,
    orderedDict(),
  );
}
