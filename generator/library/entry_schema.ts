import { z } from 'zod';
import type { LaunchPlan } from '../launch.js';
import { layerName, parseProblemName } from '../name.js';
import { isGradient } from '../problem.js';
import { readTarget, targetName } from '../target.js';
import type { KernelEntry, KernelImage, Provenance } from './entry.js';
import { imagePath, kernelPath } from './kernel_file.js';

/** A file's SHA-256. */
export const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex');

const text = z.string().min(1);
const count = z.int().positive();
const size = z.int().nonnegative();
const microseconds = z.number().positive();

const provenance = z.strictObject({
  batch: count,
  threads: count,
  median: microseconds,
  default: microseconds.exactOptional(),
  copy: microseconds,
  trials: count,
  machine: text,
  compiler: text,
  measured: z.iso.datetime(),
}) satisfies z.ZodType<Provenance>;

const tensorMap = z
  .strictObject({
    kind: z.literal('tensor-map'),
    sizes: z.array(count).min(1).readonly(),
    steps: z.array(count).min(1).readonly().exactOptional(),
    box: z.array(count).min(1).readonly(),
  })
  .refine(
    ({ sizes, steps }) => !steps || steps.length === sizes.length - 1,
    'a step for each size but the first',
  );

const partial = z.strictObject({
  fixedFloats: size,
  floatsPerGroup: size,
  reduction: z
    .strictObject({ blocks: count, leastGroups: count, early: z.literal(true).exactOptional() })
    .readonly()
    .exactOptional(),
});

const launch = z.strictObject({
  kind: z.literal('launch-plan'),
  threads: count,
  blocks: count,
  images: count,
  sharedBytes: size,
  packedFloats: size,
  partial: partial.readonly().exactOptional(),
  inputMap: tensorMap.readonly().exactOptional(),
  gradMap: tensorMap.readonly().exactOptional(),
}) satisfies z.ZodType<LaunchPlan>;

const image = z.strictObject({
  file: z.string(),
  hash,
  sourceHash: hash,
  compiler: text,
}) satisfies z.ZodType<KernelImage>;

/** One kernel as a manifest lists it. */
export const entry = z
  .strictObject({
    name: z.string().regex(/^\w+__\w+$/, 'must read <layer>__<schedule>'),
    layer: z.string().refine(isLayer, { error: 'must be the name of a layer', abort: true }),
    target: z.string().refine(isTarget, { error: 'must be a target such as cpu:avx512', abort: true }),
    file: z.string(),
    fileHash: hash,
    sourceHash: hash,
    provenance: provenance.readonly(),
    launch: launch.readonly().exactOptional(),
    image: image.readonly().exactOptional(),
  })
  .refine(({ name, layer }) => name.startsWith(`${layer}__`), {
    error: 'must begin with the layer',
    path: ['name'],
  })
  .refine((one) => one.file === kernelPath(one), {
    error: 'must be where the name puts it',
    path: ['file'],
  })
  .refine(({ target, launch }) => isCuda(target) === (launch !== undefined), {
    error: 'must be there for a CUDA kernel, and for no other',
    path: ['launch'],
  })
  .refine(
    ({ layer, launch }) =>
      launch === undefined || isGradient(parseProblemName(layer)) === (launch.partial !== undefined),
    {
      error: 'must be there for a kernel of wgrad or backward, and for no other',
      path: ['launch', 'partial'],
    },
  )
  .refine(({ target, image }) => isCuda(target) || image === undefined, {
    error: 'must not be there but for a CUDA kernel',
    path: ['image'],
  })
  .refine((one) => one.image === undefined || one.image.file === imagePath(one), {
    error: 'must be where the name puts it',
    path: ['image', 'file'],
  })
  .refine(({ image, sourceHash }) => image === undefined || image.sourceHash === sourceHash, {
    error: "must be the kernel's own",
    path: ['image', 'sourceHash'],
  })
  // What was refused above is all that lies between the two types.
  .transform((one) => one as KernelEntry);

function isCuda(target: string): boolean {
  return readTarget(target).kind === 'cuda';
}

function isLayer(name: string): boolean {
  try {
    return layerName(parseProblemName(name)) === name;
  } catch {
    return false;
  }
}

function isTarget(name: string): boolean {
  try {
    return targetName(readTarget(name)) === name;
  } catch {
    return false;
  }
}
