import { refuse, shown } from '../errors.js';
import { PickleBytes } from './bytes.js';
import type { PickleValue } from './values.js';

/** State of the pickle machine: a stack with marks, and a memo of values that are named again. */
export class PickleStack {
  readonly source: string;
  readonly bytes: PickleBytes;
  readonly memo = new Map<number, PickleValue>();
  readonly #values: PickleValue[] = [];
  readonly #marks: number[] = [];

  constructor(bytes: Uint8Array, source: string) {
    this.bytes = new PickleBytes(bytes, source);
    this.source = source;
  }

  push(value: PickleValue): void {
    this.#values.push(value);
  }

  mark(): void {
    this.#marks.push(this.#values.length);
  }

  /** Takes the value on top, of those since the last mark. */
  pop(): PickleValue {
    const value = this.top();
    this.#values.pop();
    return value;
  }

  top(): PickleValue {
    if (this.#values.length <= (this.#marks.at(-1) ?? 0)) this.damaged('takes a value where none is');
    return this.#values.at(-1)!;
  }

  /** Takes the last mark and the values since. */
  popMarked(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) return this.damaged('goes back to a mark that it did not set');
    return this.#values.splice(mark);
  }

  /** Takes the last `count` values, in the order in which they came. */
  popped(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  /** Whether nothing is left. */
  get empty(): boolean {
    return this.#values.length === 0 && this.#marks.length === 0;
  }

  /** @throws WeightsError always: no program that writes pickles would write this one */
  damaged(what: string): never {
    return refuse(
      this.source,
      'pickle-damaged',
      `holds a damaged pickle, which ${what}`,
      'fetch it again, or save it again with torch.save',
    );
  }

  /** @throws WeightsError always: a sound pickle perhaps, but of something else than weights */
  unwanted(code: string, what: string): never {
    return refuse(
      this.source,
      code,
      `holds a pickle with ${what}, and no more than tensors and plain data is read; nothing was executed`,
      'save the tensors alone, torch.save(model.state_dict(), ...), or convert it to .safetensors where you trust it',
    );
  }

  /** @throws WeightsError always */
  unknownGlobal(name: string): never {
    return this.unwanted('pickle-global', `the Python object ${shown(name)}`);
  }
}
