import { z } from 'zod';
import { parseProblemName, splitKernelName } from '../generator/name.js';
import { OPS, type Problem, problem } from '../generator/problem.js';

/** What `bench layers --save` says of the layer of a time; files from before there were gradients have no operation. */
export const timedLayer = z.object({ kernel: z.string(), op: z.enum(OPS).optional() });

/** The layer that was timed: the kernel's own, or one that it computes, as fprop's do dgrad at stride 1. */
export function layerOf({ kernel, op }: z.infer<typeof timedLayer>): Problem {
  const layer = parseProblemName(splitKernelName(kernel).layer);
  return problem({ ...layer, op: op ?? layer.op });
}

/** `backward `, in front of a layer's name; nothing for fprop. */
export function opPrefix({ op }: Problem): string {
  return op === 'fprop' ? '' : `${op} `;
}
