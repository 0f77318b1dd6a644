import { z } from 'zod';
import type { Problem } from '../generator/problem.js';
import { BenchError } from './errors.js';
import { layerOf, opPrefix, timedLayer } from './result_layer.js';
import { timing } from './timing_schema.js';

const results = z.object({
  provenance: z.object({
    measured: z.string(),
    gpu: z.object({ name: z.string(), driver: z.string() }),
    compiler: z.string(),
    torch: z.string().nullable(),
  }),
  results: z.array(
    timedLayer.extend({
      batch: z.number(),
      ours: timing,
      copy: timing,
      torch: timing.nullable(),
      resources: z.object({ registers: z.number() }),
    }),
  ),
});

type Result = z.infer<typeof results>['results'][number] & { readonly layer: Problem };

/**
 * The table of what `bench layers --target cuda --directions both --save` wrote, a row a layer, with its provenance below.
 * @param documents of one GPU
 * @throws BenchError if they are of several, ZodError if one is something else
 */
export function cudaTable(documents: readonly unknown[]): string {
  const parsed = documents.map((document) => results.parse(document));
  const { gpu, compiler, torch, measured } = parsed[0]!.provenance;
  for (const { provenance } of parsed)
    if (provenance.gpu.name !== gpu.name || provenance.compiler !== compiler)
      throw unlike(provenance.gpu.name);
  const all = parsed.flatMap((one) => one.results).map(withLayer);
  return [
    '| layer | copy | ours | to copy | one angle: mean | worst | torch | faster |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...all.filter(({ layer }) => layer.angles.length > 1).map((result) => line(result, all)),
    '',
    `${gpu.name}, driver for CUDA ${gpu.driver}, ${compiler}, PyTorch ${torch ?? 'not measured'}, ${measured.slice(0, 10)}.`,
    '',
  ].join('\n');
}

function unlike(gpu: string): BenchError {
  return new BenchError({
    code: 'results-unlike',
    value: gpu,
    rule: 'results of several GPUs or compilers do not go into one table',
    remedy: 'measure them again on one machine',
  });
}

function withLayer(result: z.infer<typeof results>['results'][number]): Result {
  return { ...result, layer: layerOf(result) };
}

function line({ layer, batch, ours, copy, torch }: Result, all: readonly Result[]): string {
  const { layout, height, width, stride, channels, kernel } = layer;
  const strided = stride > 1 ? `, stride ${stride}` : '';
  const alone = all
    .filter((other) => other.layer.angles.length === 1 && sameShape(other.layer, layer))
    .map((other) => other.ours.median / other.copy.median);
  const times = (value: number) => `${value.toFixed(2)} x`;
  const cells = [
    `${opPrefix(layer)}${layout} ${height}x${width}${strided}, C=${channels}, N=${batch}, K=${kernel}`,
    copy.median.toFixed(1),
    ours.median.toFixed(1),
    times(ours.median / copy.median),
    ...(alone.length > 0
      ? [times(alone.reduce((sum, one) => sum + one, 0) / alone.length), times(Math.max(...alone))]
      : ['-', '-']),
    ...(torch ? [torch.median.toFixed(0), times(torch.median / ours.median)] : ['-', '-']),
  ];
  return `| ${cells.join(' | ')} |`;
}

function sameShape(a: Problem, b: Problem): boolean {
  return (['op', 'layout', 'height', 'width', 'stride', 'channels', 'kernel'] as const).every(
    (key) => a[key] === b[key],
  );
}
