import type { Origin } from '../dispatch.js';

/** The symbol of a convolution's kernel. @param general the device's general kernel */
export function originName(origin: Origin, general: string): string {
  switch (origin.kind) {
    case 'library':
    case 'untuned':
      return origin.kernel;
    case 'general':
      return general;
    case 'binary':
      return origin.symbol;
    default:
      return origin satisfies never;
  }
}
