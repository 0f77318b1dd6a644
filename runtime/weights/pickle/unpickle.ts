import { OPCODES } from './opcodes.js';
import { PickleStack } from './stack.js';
import type { PickleValue } from './values.js';

const PROTO = 0x80;
const STOP = 0x2e;

/** A checkpoint of a thousand tensors takes some fifty thousand. Each makes no more than one small value. */
const INSTRUCTIONS = 1_000_000;

/**
 * Reads a pickle of protocol 2 to 5 as data. A pickle is a program for a stack machine that may call anything in Python;
 * this machine calls nothing: it knows the few names that tensors are made with (globals.ts) and refuses every other.
 * It ends after a bounded number of steps, and the memory that it takes is bounded by the pickle's length.
 *
 * @param source what messages call the file
 * @throws WeightsError if the pickle is damaged, or holds anything beside tensors and plain data
 * @see https://github.com/python/cpython/blob/main/Lib/pickletools.py
 */
export function unpickle(bytes: Uint8Array, source: string): PickleValue {
  const stack = new PickleStack(bytes, source);
  if (stack.bytes.u8() !== PROTO) stack.damaged('does not begin with its protocol');
  const protocol = stack.bytes.u8();
  if (protocol < 2 || protocol > 5) stack.unwanted('pickle-protocol', `protocol ${protocol}, not 2 to 5`);
  for (let steps = 0; steps < INSTRUCTIONS; steps++) {
    const byte = stack.bytes.u8();
    if (byte === STOP) return result(stack);
    const opcode = OPCODES.get(byte);
    if (opcode === undefined)
      return stack.unwanted('pickle-opcode', `the instruction 0x${byte.toString(16).padStart(2, '0')}`);
    opcode(stack);
  }
  return stack.unwanted('pickle-long', `more than ${INSTRUCTIONS} instructions`);
}

function result(stack: PickleStack): PickleValue {
  const value = stack.pop();
  return stack.empty ? value : stack.damaged('leaves more than one value');
}
