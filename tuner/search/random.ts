import { mulberry32, shuffled } from '../random.js';
import type { Search } from './search.js';

/** Every candidate once, in an order that the seed decides. */
export function random<C>(space: readonly C[], seed: number): Search<C> {
  const order = shuffled(space, mulberry32(seed));
  let at = 0;
  return {
    name: 'random',
    next: () => order[at++],
    tell: () => {},
  };
}
