import fc from 'fast-check';
import { expect, it } from 'vitest';
import { outputElements, type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import type { Target } from '../../generator/target.js';
import { anyAngle, anyKernel } from '../support/arbitrary.js';
import { emulatedKernel } from '../support/emulated_kernel.js';
import { emulate } from '../support/emulation.js';
import { formula } from '../support/formula.js';
import { operands } from '../support/guarded.js';
import { notRefused } from '../support/not_refused.js';
import { difference, wholeNumbers } from '../support/numbers.js';

// Beside cuda_families.test.ts, whose schedules are those worth trying: bands that small planes are never cut into.

const TARGET: Target = { kind: 'cuda', arch: 'sm_90' };
const BANDED = 8;

const anyBanded = fc.record({
  height: fc.integer({ min: 9, max: 45 }),
  width: fc.constantFrom(4, 8, 12, 20, 28),
  stride: fc.integer({ min: 1, max: 3 }),
  kernel: anyKernel,
  angles: fc.array(anyAngle, { minLength: 1, maxLength: 4 }),
  channels: fc.integer({ min: 1, max: 9 }),
  batch: fc.integer({ min: 1, max: 3 }),
  shallow: fc.constantFrom(1, 3, 4, 7),
  steep: fc.constantFrom(1, 2, 4, 7),
  tiles: fc.integer({ min: 1, max: 4 }),
  images: fc.integer({ min: 1, max: 3 }),
  threads: fc.constantFrom(32, 96),
});

function bandedKernels(): readonly Schedule[] {
  const found = new Map<string, Schedule>();
  for (const one of fc.sample(anyBanded, { seed: 5, numRuns: 60 * BANDED })) {
    const { shallow, steep, tiles, images, threads, ...layer } = one;
    const params = { shallow, steep, threads, planes: 1, images, band: tiles * steep, resident: 8 };
    const made = schedule(problem({ layout: 'nchw', ...layer }), TARGET, 'cuda_packed', params);
    if (made.kind === 'schedule') found.set(made.name, made);
    if (found.size === BANDED) break;
  }
  return [...found.values()];
}

/** Groups of several channels, two of which share a body, and images that neither a step nor a block divides. */
function uneven(): Schedule {
  const layer = { height: 12, width: 10, kernel: 9, angles: [0, 22.5, 180, 67.5], channels: 7, batch: 5 };
  return whole(layer, { shallow: 7, steep: 4, planes: 2 });
}

/** Planes of one tile a line, or of several; many lines and whole tiles of them are outside. */
function small(): readonly Schedule[] {
  const layer = { height: 6, width: 8, kernel: 31, angles: [22.5, 45, 67.5, 90], channels: 5, batch: 7 };
  return [
    whole(layer, { shallow: 8, steep: 6, planes: 4 }),
    whole(layer, { shallow: 2, steep: 2, planes: 4 }),
  ];
}

/** Tiles that are whole rows, of planes that are one and of bands, the last of which sticks out of its plane. */
function wholeRows(): readonly Schedule[] {
  const layer = { width: 12, angles: [0, 45, 157.5, 90], channels: 5, batch: 5 };
  return [
    whole({ ...layer, height: 1, width: 4, kernel: 31 }, { shallow: 4, steep: 1, planes: 4 }),
    whole({ ...layer, height: 10, kernel: 31 }, { shallow: 12, steep: 4, planes: 1, band: 4 }),
    whole({ ...layer, height: 11, kernel: 7 }, { shallow: 12, steep: 2, planes: 1, band: 6 }),
  ];
}

function whole(
  layer: ProblemSpec,
  tiles: Pick<Schedule['params'], 'shallow' | 'steep' | 'planes'> & { readonly band?: number },
): Schedule {
  const params = { band: 0, ...tiles, threads: 64, images: 8, resident: 8 };
  return notRefused(schedule(problem({ layout: 'nchw', ...layer }), TARGET, 'cuda_packed', params));
}

/** Images that hold more than 2^32 floats of output, and that every block takes a whole number of. */
function far({ problem, params }: Schedule): number {
  const floats = outputElements(problem) / problem.batch;
  return Math.ceil(2 ** 32 / floats / params.images!) * params.images!;
}

async function wrong(
  kernels: readonly Schedule[],
  lead: (kernel: Schedule) => number,
): Promise<readonly unknown[]> {
  const runs = kernels.map((kernel, i) => ({
    kernel,
    problem: kernel.problem,
    operands: operands(kernel.problem, wholeNumbers, i % 2 === 0, i % 3 === 0),
    lead: lead(kernel),
  }));
  const outputs = await emulate(runs.map((run) => emulatedKernel(source(run.kernel), run)));
  return runs.flatMap((run, i) => {
    const found = difference(outputs[i]!, formula(run.problem, run.operands));
    return found ? [[run.kernel.name, found]] : [];
  });
}

it('is the formula in bands and for batches that a step does not divide', async () => {
  const kernels = [uneven(), ...small(), ...bandedKernels()];
  expect(kernels).toHaveLength(3 + BANDED);
  expect(await wrong(kernels, () => 0)).toEqual([]);
});

it('is the formula where a tile is a whole row', async () => {
  const kernels = wholeRows();
  for (const kernel of kernels) expect(source(kernel).text).toContain('put_four(out[0]');
  expect(await wrong(kernels, () => 0)).toEqual([]);
});

it('is the formula where threads keep a line, and some have none', async () => {
  const layer = { height: 8, width: 8, angles: [45, 67.5, 90, 112.5], channels: 5, batch: 5 };
  const kernels = [
    whole({ ...layer, kernel: 9 }, { shallow: 3, steep: 4, planes: 4 }),
    whole({ ...layer, kernel: 31, height: 7 }, { shallow: 3, steep: 7, planes: 4 }),
    whole({ ...layer, kernel: 7, height: 16, stride: 2 }, { shallow: 3, steep: 8, planes: 4 }),
  ];
  for (const kernel of kernels) expect(source(kernel).text).toContain('if (plane >= PLANES) return;');
  expect(await wrong(kernels, () => 0)).toEqual([]);
});

it('reaches images behind more than 2^32 floats', async () => {
  expect(await wrong([uneven(), bandedKernels().at(-1)!], far)).toEqual([]);
});
