import { z } from 'zod';
import { GELU_FORMS } from '../../generator/operations/operation.js';
import { MODELS, VARIANTS } from '../../runtime/convnext/architecture.js';
import { PRODUCT_TYPES } from '../../runtime/plan/product_type.js';

const time = z.object({
  /** Microseconds of a batch, the median over the rounds. */
  median: z.number().positive(),
  /** As the tuner's: the median absolute deviation as a standard deviation, relative to the median. */
  spread: z.number().min(0),
  /** Held on the device; 0 where it is not known. */
  bytes: z.number().min(0),
});

const peerNetwork = z.discriminatedUnion('kind', [
  time.extend({
    kind: z.literal('timed'),
    name: z.string(),
    /** The largest difference of a logit from ours, relative to the largest logit. */
    difference: z.number().min(0),
  }),
  z.object({ kind: z.literal('missing'), name: z.string(), reason: z.string() }),
]);

const modelResult = z.object({
  size: z.enum(MODELS),
  variant: z.enum(VARIANTS),
  batch: z.int().positive(),
  image: z.object({ height: z.int().positive(), width: z.int().positive() }),
  ours: time.extend({
    /** Of the depthwise convolutions alone, and how long copies of their bytes take, in microseconds. */
    convolutions: z.object({ time: z.number().min(0), floor: z.number().min(0) }),
  }),
  peers: z.array(peerNetwork),
});

/** What `bench models --save` writes, as far as it is read again. */
export const modelResults = z.object({
  provenance: z.looseObject({
    measured: z.string(),
    torch: z.string().nullable(),
    products: z.enum(PRODUCT_TYPES),
    /** Left out where it is the paper's, the exact one. */
    gelu: z.enum(GELU_FORMS).optional(),
    gpu: z.object({ name: z.string() }).loose().optional(),
    machine: z.object({ cpu: z.string() }).loose().optional(),
    threads: z.int().optional(),
    compiler: z.string().optional(),
  }),
  results: z.array(modelResult),
  /** Networks that are not among them, where the run was interrupted. */
  left: z.array(z.string()).optional(),
});

export type NetworkTime = z.infer<typeof time>;
/** A peer's time of an equal network, or why there is none. */
export type PeerNetwork = z.infer<typeof peerNetwork>;
/** Of one network and batch. */
export type ModelResult = z.infer<typeof modelResult>;

export function imagesASecond(batch: number, { median }: Pick<NetworkTime, 'median'>): number {
  return (1e6 * batch) / median;
}
