import type { Shard } from '../tuner/shard.js';
import { CliError } from './errors.js';

/** `2/8`: the second of eight shares. */
export function shard(text: string): Shard {
  const [, index, count] = (/^([1-9]\d{0,8})\/([1-9]\d{0,8})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && count !== undefined && index <= count) return { index, count };
  throw new CliError({
    code: 'shard-malformed',
    value: text,
    rule: 'a share is I/N, the Ith of N, with I from 1 to N',
    remedy: 'use for example 1/4 on the first of four machines',
  });
}

/** `0,1,3`: numbers of GPUs, each once. */
export function gpuList(text: string): readonly number[] {
  const numbers = text.split(',');
  if (
    numbers.every((number) => /^\d{1,4}$/.test(number)) &&
    new Set(numbers.map(Number)).size === numbers.length
  )
    return numbers.map(Number);
  throw new CliError({
    code: 'gpus-malformed',
    value: text,
    rule: 'GPUs are numbers from 0 with commas between them, each once',
    remedy: 'use for example 0,1',
  });
}
