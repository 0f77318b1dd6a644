import { parseKernelName } from '../generator/schedule.js';
import { isasOf, type Target, targetName } from '../generator/target.js';
import { findCompiler } from '../runtime/compiler.js';
import { findCudaCompiler } from '../runtime/cuda/compiler.js';
import { machine } from '../runtime/machine.js';
import { candidate } from '../tuner/candidate.js';
import type { Outcome } from '../tuner/outcome.js';
import { cpuRig } from '../tuner/rig/cpu_rig.js';
import { cudaRig } from '../tuner/rig/cuda_rig.js';
import { type Rig, subjectOf } from '../tuner/rig/rig.js';
import { type TemporaryFolder, temporaryFolder } from '../tuner/temporary_folder.js';
import { Laboratory } from '../tuner/trial/laboratory.js';
import type { Subject } from '../tuner/trial/protocol.js';
import { gpusHere } from './here.js';
import type { Finding, Ratios, Suspect } from './suspect.js';

/** Long enough to verify, too short to rank. */
const QUICK = { precision: 1, minSamples: 1, maxSamples: 1, budget: 1000 };
/** Long enough to tell a kernel's time in units of the copy's to a few percent. */
const TIMING = { precision: 0.02, minSamples: 10, maxSamples: 50, budget: 500_000 };
/** What tells images apart. */
const BATCH = 2;

/**
 * Compiles kernels anew and tries them on this machine's devices, each in a process that it may take along: whatever they
 * compute, against the reference in float64.
 */
export class Examination {
  readonly #folder: TemporaryFolder;
  readonly #rigs = new Map<string, Promise<Rig | string>>();

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder;
  }

  /** @throws TunerError if there is no folder for binaries */
  static async open(): Promise<Examination> {
    return new Examination(await temporaryFolder());
  }

  async close(): Promise<void> {
    await this.#folder.remove();
  }

  /** Why kernels for a target cannot be tried here; undefined if they can. @throws DeviceError */
  async obstacle({ target, threads }: Pick<Suspect, 'target' | 'threads'>): Promise<string | undefined> {
    const rig = await this.#rig(target, threads);
    return typeof rig === 'string' ? rig : undefined;
  }

  /**
   * Verifies a kernel, and times it in turn with the copy if it is sound.
   * @param timed whether it is timed, at the batch of its own measurement
   * @throws DeviceError if a compiler fails for a reason that is not the kernel's, TunerError
   */
  async examine(suspect: Suspect, timed: boolean): Promise<Finding> {
    const { kernel, target, batch, threads, ratio } = suspect;
    const found = { kernel, target: targetName(target) };
    const rig = await this.#rig(target, threads);
    if (typeof rig === 'string') return { ...found, verdict: 'not run', detail: rig, sound: null };
    const schedule = parseKernelName(kernel, target, timed ? batch : BATCH);
    const site = { folder: this.#folder.path, signal: new AbortController().signal };
    const [built] = await rig.build([candidate(schedule, rig.setting)], site);
    if (built!.kind === 'refused')
      return { ...found, verdict: 'refused-by-compiler', detail: built!.reason, sound: false };
    const laboratory = new Laboratory(rig.setup(schedule.problem, 1));
    try {
      const subject = subjectOf(built!.candidate, built!.path);
      const outcome = await laboratory.trial(subject, QUICK);
      const sound = outcome.kind === 'ok';
      const end = { ...found, verdict: outcome.kind, detail: described(outcome), sound };
      if (!timed || !sound) return end;
      const now = await ratioNow(laboratory, subject);
      return typeof now === 'number'
        ? { ...end, ratios: { recorded: ratio ?? null, now } satisfies Ratios }
        : { ...end, ...now };
    } finally {
      laboratory.close();
    }
  }

  #rig(target: Target, threads: number): Promise<Rig | string> {
    const key = `${targetName(target)} ${threads}`;
    const rig = this.#rigs.get(key) ?? rigFor(target, threads);
    this.#rigs.set(key, rig);
    return rig;
  }
}

/** The time of a sound kernel in units of the copy's; what went wrong if it failed in between. */
async function ratioNow(
  laboratory: Laboratory,
  subject: Subject,
): Promise<number | Pick<Finding, 'verdict' | 'detail' | 'sound'>> {
  const final = await laboratory.final([subject], TIMING);
  if (final.kind !== 'final') return { verdict: final.kind, detail: final.reason, sound: false };
  return final.measurements[0]!.median / final.copy.median;
}

/** What tries kernels for a target, or why nothing here does. */
async function rigFor(target: Target, threads: number): Promise<Rig | string> {
  switch (target.kind) {
    case 'cpu': {
      if (!isasOf(machine().isa).includes(target.isa)) return elsewhere(target);
      const compiler = await findCompiler();
      if (compiler) return cpuRig({ target, threads }, compiler);
      return 'no C++ compiler: none of $CXX, g++, c++ and clang++ runs';
    }
    case 'cuda': {
      const gpu = gpusHere().find((one) => one.target.arch === target.arch);
      if (!gpu) return elsewhere(target);
      const compiler = await findCudaCompiler();
      return compiler ? cudaRig(gpu, compiler) : 'no CUDA compiler: neither NVRTC nor nvcc is found';
    }
    default:
      return target satisfies never;
  }
}

function elsewhere(target: Target): string {
  return `${targetName(target)} does not run on this machine`;
}

function described(outcome: Outcome): string {
  return outcome.kind === 'ok' ? `relative error ${outcome.relativeError.toExponential(1)}` : outcome.reason;
}
