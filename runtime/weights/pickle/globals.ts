import type { ElementType } from '../elements.js';
import { viewFault } from '../view.js';
import type { PickleStack } from './stack.js';
import { type Global, type PickleValue, type Storage, type Tuple, typeName } from './values.js';

/**
 * The names of Python's that a pickle of weights needs. What a call of each would give is made here from its arguments
 * alone; every other name is refused as soon as it is read.
 */
export const STORAGE_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['torch.DoubleStorage', 'F64'],
  ['torch.LongStorage', 'I64'],
  ['torch.FloatStorage', 'F32'],
  ['torch.IntStorage', 'I32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);

type Rebuild = (stack: PickleStack, args: readonly PickleValue[]) => PickleValue;

const CALLABLE: ReadonlyMap<string, Rebuild> = new Map<string, Rebuild>([
  ['collections.OrderedDict', emptyDict],
  ['torch._utils._rebuild_tensor_v2', tensor],
  ['torch._utils._rebuild_parameter', parameter],
  ['_codecs.encode', latin1],
]);

/** Options of a training script (ConvNeXt's keeps them beside the weights): read as a dict whose entries are dropped. */
const OPTIONS = 'argparse.Namespace';

export function globalNamed(stack: PickleStack, module: string, name: string): Global {
  const full = `${module}.${name}`;
  if (!STORAGE_TYPES.has(full) && !CALLABLE.has(full) && full !== OPTIONS) stack.unknownGlobal(full);
  return { kind: 'global', name: full };
}

/** What calling `callee` with the arguments would give. */
export function called(stack: PickleStack, callee: PickleValue, args: PickleValue): PickleValue {
  const rebuild = isGlobal(callee) ? CALLABLE.get(callee.name) : undefined;
  if (rebuild === undefined) return stack.unwanted('pickle-call', `a call of ${nameOf(callee)}`);
  return rebuild(stack, tupleItems(args) ?? stack.damaged('calls with arguments that are no tuple'));
}

/** What a new object of a class would be: of the classes, only {@link OPTIONS} may be. */
export function made(stack: PickleStack, type: PickleValue, args: PickleValue): PickleValue {
  if (isGlobal(type) && type.name === OPTIONS && tupleItems(args)?.length === 0)
    return { kind: 'dict', entries: new Map() };
  return stack.unwanted('pickle-call', `a new object of ${nameOf(type)}`);
}

/** `('storage', torch.FloatStorage, '0', 'cpu', 372)`: what stands for the elements that are beside the pickle. */
export function storage(stack: PickleStack, id: PickleValue): Storage {
  const [tag, type, key, , length] = tupleItems(id) ?? [];
  const elements = type !== undefined && isGlobal(type) ? STORAGE_TYPES.get(type.name) : undefined;
  if (tag !== 'storage' || elements === undefined || typeof key !== 'string' || !isCount(length))
    return stack.damaged('names a storage without its type, key or length');
  return { kind: 'storage', key, type: elements, length };
}

/** OrderedDict(): its entries come after. */
function emptyDict(stack: PickleStack, args: readonly PickleValue[]): PickleValue {
  if (args.length > 0) stack.damaged('makes an OrderedDict with arguments');
  return { kind: 'dict', entries: new Map() };
}

/** _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]) */
function tensor(stack: PickleStack, [from, offset, size, stride]: readonly PickleValue[]): PickleValue {
  const shape = tupleItems(size)?.filter(isNumber);
  const strides = tupleItems(stride)?.filter(isNumber);
  if (!isKind(from, 'storage') || !isNumber(offset) || shape === undefined || strides === undefined)
    return stack.damaged('makes a tensor from something else than a storage, an offset, a size and strides');
  if (shape.length !== tupleItems(size)?.length || strides.length !== tupleItems(stride)?.length)
    return stack.damaged('makes a tensor whose size or strides are no numbers');
  const view = Object.freeze({ offset, shape: Object.freeze(shape), strides: Object.freeze(strides) });
  const fault = viewFault(view, from.length);
  if (fault !== undefined) stack.damaged(`makes a tensor that ${fault}`);
  return { kind: 'tensor', storage: from, view };
}

/** _rebuild_parameter(tensor, requires_grad, hooks) */
function parameter(stack: PickleStack, [data]: readonly PickleValue[]): PickleValue {
  return isKind(data, 'tensor') ? data : stack.damaged('makes a parameter of something else than a tensor');
}

/** _codecs.encode(text, 'latin1'): how protocol 2 writes bytes. */
function latin1(stack: PickleStack, [text, encoding]: readonly PickleValue[]): PickleValue {
  if (typeof text !== 'string' || encoding !== 'latin1') return stack.damaged('encodes what is no latin1');
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

function nameOf(value: PickleValue): string {
  return isGlobal(value) ? value.name : typeName(value);
}

type Compound = Extract<PickleValue, { readonly kind: string }>;

function isKind<K extends Compound['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<Compound, { readonly kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function isGlobal(value: PickleValue): value is Global {
  return isKind(value, 'global');
}

function tupleItems(value: PickleValue | undefined): Tuple['items'] | undefined {
  return isKind(value, 'tuple') ? value.items : undefined;
}

function isNumber(value: PickleValue | undefined): value is number {
  return typeof value === 'number';
}

function isCount(value: PickleValue | undefined): value is number {
  return isNumber(value) && Number.isSafeInteger(value) && value >= 0;
}
