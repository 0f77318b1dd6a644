import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Contestant } from '../bench/stage.js';
import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { type Source, source } from '../generator/source.js';
import { chooseKernel, type KernelChoice } from '../runtime/kernel_choice.js';
import { sideBySide } from '../runtime/side_by_side.js';
import { openStoreToRead } from '../tuner/store/store.js';
import { compiled } from './bench_kernels.js';
import type { Device } from './device.js';
import { CliError } from './errors.js';
import { knownKernels } from './known_kernels.js';
import { publishedLibrary } from './published.js';
import { rigsOf } from './rig.js';
import type { Ui } from './ui.js';

/** A kernel, compiled, with where its schedule comes from. */
export interface ChosenKernel {
  readonly contestant: Contestant;
  readonly origin: KernelChoice['origin'];
}

/**
 * The kernels of problems, without a search: winners of the database if there is one, else published or transferred ones, else the default.
 * All are compiled side by side, before anything is timed.
 * @throws CliError if a problem has none, or there is no compiler; DeviceError, StoreError
 */
export async function chosenKernels(
  problems: readonly Problem[],
  device: Device,
  db: string,
  ui: Ui,
): Promise<ReadonlyMap<Problem, ChosenKernel>> {
  const choices = await chosen(problems, device, db);
  const progress = ui.progress('compiling', choices.length);
  try {
    const kernels = await sideBySide(choices, availableParallelism(), async (choice) => {
      const made = source(choice.schedule);
      const path = publishedImage(choice, made, device) ?? (await compiled(made, device));
      progress.step();
      const contestant = { problem: choice.problem, kernel: made.name, path };
      return {
        contestant: { ...contestant, ...(made.launch && { launch: made.launch }) },
        origin: choice.origin,
      };
    });
    return new Map(problems.map((problem, i) => [problem, kernels[i]!]));
  } finally {
    progress.stop();
  }
}

async function chosen(
  problems: readonly Problem[],
  device: Device,
  db: string,
): Promise<readonly KernelChoice[]> {
  const [rig] = await rigsOf([device]);
  const store = existsSync(db) ? openStoreToRead(db) : undefined;
  try {
    const kernels = knownKernels(rig!, store);
    return problems.map((problem) => chooseKernel(problem, kernels) ?? noKernel(problem));
  } finally {
    store?.close();
  }
}

/** The cubin that the library has of its kernel, where it was made of this very text for this GPU's architecture. */
function publishedImage({ entry }: KernelChoice, { hash }: Source, { target }: Device): string | undefined {
  if (target.kind !== 'cuda' || entry?.image === undefined) return undefined;
  const isOwn = entry.target === `cuda:${target.arch}` && entry.image.sourceHash === hash;
  return isOwn ? join(publishedLibrary().folder, entry.image.file) : undefined;
}

function noKernel(problem: Problem): never {
  throw new CliError({
    code: 'no-candidate',
    value: problemName(problem),
    rule: 'no kernel of this layer is legal',
    remedy: 'use another --size or --layout',
  });
}
