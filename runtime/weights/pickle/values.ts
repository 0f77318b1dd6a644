import type { ElementType } from '../elements.js';
import type { View } from '../view.js';

/**
 * What a pickle of a checkpoint may hold: plain data and tensors. Nothing of it is ever called. Compound values may be
 * shared, and contain themselves; whoever walks through them must bound the walk.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Tuple
  | List
  | Dict
  | Global
  | Storage
  | Tensor;

export interface Tuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

export interface List {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

/** A dict or an OrderedDict, in order of insertion. Compound keys are told apart by identity. */
export interface Dict {
  readonly kind: 'dict';
  readonly entries: Map<PickleValue, PickleValue>;
}

/** A name of Python's that the reader knows by heart; see globals.ts. */
export interface Global {
  readonly kind: 'global';
  /** `torch.FloatStorage` */
  readonly name: string;
}

/** A run of elements beside the pickle: the archive's entry `data/<key>`. */
export interface Storage {
  readonly kind: 'storage';
  readonly key: string;
  readonly type: ElementType;
  /** In elements. */
  readonly length: number;
}

/** A strided view of a storage. */
export interface Tensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  readonly view: View;
}

/** What a value is, in Python's words. */
export function typeName(value: PickleValue): string {
  if (value === null) return 'None';
  if (value instanceof Uint8Array) return 'bytes';
  switch (typeof value) {
    case 'boolean':
      return 'a bool';
    case 'bigint':
      return 'an int';
    case 'number':
      return Number.isInteger(value) ? 'an int' : 'a float';
    case 'string':
      return 'a str';
    default:
      return `a ${value.kind}`;
  }
}
