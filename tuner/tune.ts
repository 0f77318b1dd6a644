import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemName } from '../generator/name.js';
import { VERSION } from '../generator/package.js';
import type { Problem } from '../generator/problem.js';
import type { CpuTarget } from '../generator/target.js';
import { type Compiler, compilerFlags, compilerSettings } from '../runtime/compiler.js';
import { machine } from '../runtime/machine.js';
import { TunerError } from './errors.js';
import type { TuneEvent } from './event.js';
import { explore } from './explore.js';
import { holdFinal } from './final.js';
import { space } from './space.js';
import { standing, type TunedProblem } from './standing.js';
import { heartbeat } from './store/heartbeat.js';
import type { Store } from './store/store.js';
import { Laboratory } from './trial/laboratory.js';
import type { Workshop } from './workshop.js';

export interface TuneOptions {
  readonly store: Store;
  readonly target: CpuTarget;
  readonly compiler: Compiler;
  readonly threads: number;
  /** A search's name. */
  readonly search: string;
  readonly seed: number;
  /** For all problems together; each gets an equal share of what is left. */
  readonly seconds: number;
  /** Goes on with problems that have had their final, too. */
  readonly more: boolean;
  /** Ends the tuning after the trial in hand; what is finished is kept. */
  readonly signal: AbortSignal;
  readonly on: (event: TuneEvent) => void;
}

/**
 * Tunes problems one after the other. All that happens is in the store at every moment: a tuning that was ended goes
 * on where it was, and several may share a store.
 *
 * @returns where each problem stands, also those that were not reached
 * @throws TunerError, StoreError; DeviceError if a compiler fails for a reason that is not its source's
 */
export async function tune(
  problems: readonly Problem[],
  options: TuneOptions,
): Promise<readonly TunedProblem[]> {
  const folder = await temporaryFolder();
  try {
    const shop = workshop(options, folder);
    const { store, setting, session } = shop;
    const beat = heartbeat(session);
    try {
      await tuneAll(shop, problems, options);
    } finally {
      beat.stop();
    }
    session.end();
    return problems.map((problem) => standing(store, setting, problem));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** For binaries that no later run has a use for. */
async function temporaryFolder(): Promise<string> {
  const parent = tmpdir();
  return mkdtemp(join(parent, 'oriented1d-')).catch((cause: Error) => {
    throw new TunerError({
      code: 'no-temporary-folder',
      value: parent,
      rule: `kernels are built in a folder of temporary files, and none can be made there: ${cause.message}`,
      remedy: 'set TMPDIR to a folder of yours',
      cause,
    });
  });
}

function workshop(options: TuneOptions, folder: string): Workshop {
  const { compiler, target, threads, store, search, seed } = options;
  const flags = compilerFlags(compiler, target.isa);
  const toolchain = { compiler: compiler.version, flags: compilerSettings(compiler, flags).join(' ') };
  return {
    ...options,
    session: store.begin({ version: VERSION, search, seed }),
    setting: { target, toolchain, machine: machine().name, threads },
    flags,
    width: availableParallelism(),
    folder,
  };
}

async function tuneAll(
  shop: Workshop,
  problems: readonly Problem[],
  { seconds, more }: Pick<TuneOptions, 'seconds' | 'more'>,
): Promise<void> {
  const { store, setting, signal, on } = shop;
  const deadline = performance.now() + seconds * 1000;
  const open = problems.filter((problem) => more || !standing(store, setting, problem).winner?.final);
  for (const [index, problem] of open.entries()) {
    if (signal.aborted) break;
    on({ kind: 'problem', problem, index, count: open.length });
    const left = Math.max(0, deadline - performance.now()) / 1000;
    await tuneProblem(shop, problem, left / (open.length - index));
    on({ kind: 'tuned', result: standing(store, setting, problem) });
  }
}

async function tuneProblem(shop: Workshop, problem: Problem, seconds: number): Promise<void> {
  const { target, setting, seed, signal } = shop;
  const laboratory = new Laboratory({
    kind: 'setup',
    problem: problemName(problem),
    isa: target.isa,
    threads: setting.threads,
    seed,
  });
  try {
    const binaries = await explore(shop, laboratory, space(problem, target), seconds);
    if (!signal.aborted) await holdFinal(shop, laboratory, problem, binaries, seconds);
  } finally {
    laboratory.close();
  }
}
