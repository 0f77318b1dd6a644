import { called, globalNamed, made, storage } from './globals.js';
import type { PickleStack } from './stack.js';
import type { Dict, List, PickleValue } from './values.js';

/** An instruction: what it does with what is on the stack, and its operands, which follow it. */
export type Opcode = (stack: PickleStack) => void;

/** An integer of Python's has any length; torch needs none that is longer. */
const INTEGER_BYTES = 256;

const CONSTANTS: Readonly<Record<string, Opcode>> = {
  N: (stack) => stack.push(null),
  '\x88': (stack) => stack.push(true),
  '\x89': (stack) => stack.push(false),
  J: (stack) => stack.push(stack.bytes.i32()),
  K: (stack) => stack.push(stack.bytes.u8()),
  M: (stack) => stack.push(stack.bytes.u16()),
  G: (stack) => stack.push(stack.bytes.f64()),
  '\x8a': (stack) => stack.push(integer(stack, stack.bytes.u8())),
  '\x8b': (stack) => stack.push(integer(stack, stack.bytes.i32())),
  X: (stack) => stack.push(stack.bytes.text(stack.bytes.u32())),
  '\x8c': (stack) => stack.push(stack.bytes.text(stack.bytes.u8())),
  '\x8d': (stack) => stack.push(stack.bytes.text(stack.bytes.u64())),
  // Strings of Python 2.
  U: (stack) => stack.push(stack.bytes.text(stack.bytes.u8())),
  T: (stack) => stack.push(stack.bytes.text(stack.bytes.u32())),
  C: (stack) => stack.push(stack.bytes.take(stack.bytes.u8())),
  B: (stack) => stack.push(stack.bytes.take(stack.bytes.u32())),
  '\x8e': (stack) => stack.push(stack.bytes.take(stack.bytes.u64())),
  '\x96': (stack) => stack.push(stack.bytes.take(stack.bytes.u64())),
};

const CONTAINERS: Readonly<Record<string, Opcode>> = {
  ')': (stack) => stack.push({ kind: 'tuple', items: [] }),
  '\x85': (stack) => stack.push({ kind: 'tuple', items: stack.popped(1) }),
  '\x86': (stack) => stack.push({ kind: 'tuple', items: stack.popped(2) }),
  '\x87': (stack) => stack.push({ kind: 'tuple', items: stack.popped(3) }),
  t: (stack) => stack.push({ kind: 'tuple', items: stack.popMarked() }),
  ']': (stack) => stack.push({ kind: 'list', items: [] }),
  a: (stack) => append(stack, stack.popped(1)),
  e: (stack) => append(stack, stack.popMarked()),
  '}': (stack) => stack.push({ kind: 'dict', entries: new Map() }),
  s: (stack) => setItems(stack, stack.popped(2)),
  u: (stack) => setItems(stack, stack.popMarked()),
};

const STACK: Readonly<Record<string, Opcode>> = {
  '(': (stack) => stack.mark(),
  '0': (stack) => void stack.pop(),
  '1': (stack) => void stack.popMarked(),
  '2': (stack) => stack.push(stack.top()),
  q: (stack) => void stack.memo.set(stack.bytes.u8(), stack.top()),
  r: (stack) => void stack.memo.set(stack.bytes.u32(), stack.top()),
  '\x94': (stack) => void stack.memo.set(stack.memo.size, stack.top()),
  h: (stack) => stack.push(recalled(stack, stack.bytes.u8())),
  j: (stack) => stack.push(recalled(stack, stack.bytes.u32())),
  // A frame says only how far one may read ahead.
  '\x95': (stack) => void stack.bytes.u64(),
};

const OBJECTS: Readonly<Record<string, Opcode>> = {
  c: (stack) => stack.push(globalNamed(stack, stack.bytes.line(), stack.bytes.line())),
  '\x93': (stack) => {
    const [module, name] = stack.popped(2);
    if (typeof module !== 'string' || typeof name !== 'string')
      return stack.damaged('names a global with something else than strings');
    return stack.push(globalNamed(stack, module, name));
  },
  Q: (stack) => stack.push(storage(stack, stack.pop())),
  R: (stack) => {
    const [callee, args] = stack.popped(2);
    stack.push(called(stack, callee!, args!));
  },
  '\x81': (stack) => {
    const [type, args] = stack.popped(2);
    stack.push(made(stack, type!, args!));
  },
  // Attributes of a state dict or of options: versions of modules and the like, of which no number depends.
  b: (stack) => {
    stack.pop();
    container(stack, 'dict', 'gives attributes to something else than a dict');
  },
};

/**
 * Instructions of protocols 2 to 5, by their byte, as far as checkpoints need them. Missing on purpose: those of
 * protocols 0 and 1, sets, classes from registries (EXT1 to EXT4), INST, OBJ, PERSID, NEWOBJ_EX and buffers out of band.
 */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map(
  Object.entries({ ...CONSTANTS, ...CONTAINERS, ...STACK, ...OBJECTS }).map(([byte, opcode]) => [
    byte.charCodeAt(0),
    opcode,
  ]),
);

/** Little-endian two's complement; a bigint only if a number cannot hold it. */
function integer(stack: PickleStack, length: number): number | bigint {
  if (length < 0 || length > INTEGER_BYTES) stack.damaged(`has an integer of ${length} bytes`);
  const hex = Buffer.from(stack.bytes.take(length)).reverse().toString('hex');
  const value = BigInt.asIntN(8 * length, BigInt(`0x${hex || '0'}`));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function recalled(stack: PickleStack, key: number): PickleValue {
  const value = stack.memo.get(key);
  return value === undefined ? stack.damaged('recalls what it has not kept') : value;
}

function append(stack: PickleStack, items: readonly PickleValue[]): void {
  const list = container(stack, 'list', 'appends to something else than a list');
  for (const item of items) list.items.push(item);
}

function setItems(stack: PickleStack, items: readonly PickleValue[]): void {
  const dict = container(stack, 'dict', 'sets an item of something else than a dict');
  if (items.length % 2 !== 0) stack.damaged('has a key without its value');
  for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i]!, items[i + 1]!);
}

function container(stack: PickleStack, kind: 'dict', fault: string): Dict;
function container(stack: PickleStack, kind: 'list', fault: string): List;
function container(stack: PickleStack, kind: 'dict' | 'list', fault: string): Dict | List {
  const top = stack.top();
  if (typeof top !== 'object' || top === null || top instanceof Uint8Array || top.kind !== kind)
    return stack.damaged(fault);
  return top as Dict | List;
}
