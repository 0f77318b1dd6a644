import { mulberry32, shuffled } from '../random.js';
import type { Search } from './search.js';
import type { Choice, Terrain } from './terrain.js';

/** Every candidate once, in an order that the seed decides. */
export function random<C extends Choice>({ candidates }: Terrain<C>, seed: number): Search<C> {
  const order = shuffled(candidates, mulberry32(seed));
  let at = 0;
  return {
    name: 'random',
    next: () => order[at++],
    tell: () => {},
  };
}
