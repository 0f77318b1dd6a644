import { unwrapped } from '../checkpoint.js';
import { refuse, shown, someOf } from '../errors.js';
import { type Dict, type PickleValue, type Tensor, typeName } from '../pickle/values.js';

/** Which weights of a file: those that were trained, or their exponential moving average. */
export type Which = 'model' | 'ema';

/** Keys under which training scripts put the weights; the first that is there is taken. */
const KEYS: Readonly<Record<Which, readonly string[]>> = {
  model: ['model', 'state_dict'],
  ema: ['model_ema', 'state_dict_ema'],
};

/**
 * The named tensors of a state dict: what the file holds, or what it holds under `model`, `state_dict` or, if the
 * average is asked for, `model_ema`; without the `module.` that distributed training puts before every name.
 * @throws WeightsError if there is no state dict, or if it holds anything but tensors
 */
export function stateDict(
  root: PickleValue,
  which: Which,
  source: string,
): readonly (readonly [string, Tensor])[] {
  const dict = selected(root, which, source);
  const names: string[] = [];
  const tensors: Tensor[] = [];
  for (const [name, value] of dict.entries) {
    if (typeof name !== 'string')
      return refuse(source, 'state-dict-key', `names a tensor with ${typeName(name)}`, REMEDY);
    if (!isTensor(value))
      return refuse(
        source,
        'state-dict-value',
        `holds ${typeName(value)} as ${shown(name)}, no tensor`,
        REMEDY,
      );
    names.push(name);
    tensors.push(value);
  }
  if (names.length === 0) refuse(source, 'state-dict-empty', 'holds a state dict without tensors', REMEDY);
  return unwrapped(names).map((name, i) => [name, tensors[i]!]);
}

const REMEDY = "save the network's weights with torch.save({'model': model.state_dict()}, ...)";

function selected(root: PickleValue, which: Which, source: string): Dict {
  if (!isDict(root)) return refuse(source, 'state-dict', `holds ${typeName(root)}, no state dict`, REMEDY);
  const key = KEYS[which].find((name) => root.entries.has(name));
  if (key === undefined && which === 'ema')
    return refuse(
      source,
      'ema-missing',
      `holds no ${KEYS.ema.join(' or ')}, only ${keysOf(root)}`,
      'read its plain weights, without --ema',
    );
  // A network may have a module called 'model'; its tensors have longer names.
  const dict = key === undefined ? root : root.entries.get(key)!;
  if (!isDict(dict))
    return refuse(
      source,
      'state-dict',
      `holds ${typeName(dict)} as ${shown(key ?? '')}, no state dict`,
      REMEDY,
    );
  if (key === undefined && ![...dict.entries.values()].some(isTensor))
    return refuse(source, 'state-dict', `holds no state dict, only ${keysOf(root)}`, REMEDY);
  return dict;
}

function keysOf(dict: Dict): string {
  const keys = [...dict.entries.keys()].map((key) => (typeof key === 'string' ? shown(key) : typeName(key)));
  return someOf(keys) || 'nothing';
}

function isDict(value: PickleValue): value is Dict {
  return hasKind(value) && value.kind === 'dict';
}

function isTensor(value: PickleValue): value is Tensor {
  return hasKind(value) && value.kind === 'tensor';
}

function hasKind(value: PickleValue): value is Extract<PickleValue, { readonly kind: string }> {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
