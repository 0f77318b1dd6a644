import { availableParallelism } from 'node:os';
import { problemName } from '../../generator/name.js';
import { type Compiler, compile, compilerFlags } from '../../runtime/compiler.js';
import type { CpuDevice } from '../../runtime/cpu.js';
import { machine } from '../../runtime/machine.js';
import type { Candidate } from '../candidate.js';
import { inRounds } from './line.js';
import { isRefusal, refusal } from './refusal.js';
import type { Build, Rig, Site } from './rig.js';
import { cpuToolchain } from './toolchains.js';

/** Candidates a compiler takes at a time, as one translation unit. */
const UNIT = 2;

/** A tuning's rig on this machine's processor. Compilers would share its caches with kernels, so they take turns. */
export function cpuRig({ target, threads }: Pick<CpuDevice, 'target' | 'threads'>, compiler: Compiler): Rig {
  const flags = compilerFlags(compiler, target.isa);
  const toolchain = cpuToolchain(compiler, target.isa);
  const width = availableParallelism();
  return Object.freeze<Rig>({
    kind: 'rig',
    setting: { target, toolchain, machine: machine().name, threads },
    line: inRounds(UNIT * width),
    build: (candidates, site) => buildUnits(candidates, { compiler, flags, width }, site),
    setup: (problem, seed) => ({
      kind: 'setup',
      problem: problemName(problem),
      place: { kind: 'cpu', isa: target.isa, threads },
      seed,
    }),
  });
}

/** What candidates are built with, and how many compilers side by side. */
export interface UnitBuilder {
  readonly compiler: Compiler;
  readonly flags: readonly string[];
  readonly width: number;
}

/**
 * Compiles candidates in `width` compiler processes, each with its share as one translation unit, since starting, linking
 * and loading cost as much for one kernel as for several. Where a unit is refused its candidates are tried one by one,
 * so that only the culprit is lost.
 */
export async function buildUnits(
  candidates: readonly Candidate[],
  builder: UnitBuilder,
  site: Site,
): Promise<readonly Build[]> {
  const { width } = builder;
  const shares = Array.from({ length: Math.min(width, candidates.length) }, (_, i) =>
    candidates.filter((_, j) => j % width === i),
  );
  const built = await Promise.all(shares.map((share) => buildUnit(share, builder, site)));
  return built.flat();
}

async function buildUnit(
  unit: readonly Candidate[],
  builder: UnitBuilder,
  site: Site,
): Promise<readonly Build[]> {
  const { signal, folder } = site;
  if (signal.aborted) return [];
  const text = unit.map((candidate) => candidate.source.text).join('\n');
  try {
    const { compiler, flags } = builder;
    const path = await compile(compiler, { name: unit[0]!.kernel, text, flags, folder });
    return unit.map((candidate) => ({ kind: 'binary', candidate, path }));
  } catch (error) {
    if (signal.aborted) return []; // compilers that Ctrl-C ended are no verdict
    if (unit.length === 1 || !isRefusal(error)) return [refusal(unit[0]!, error)];
    const alone: Build[] = [];
    for (const candidate of unit) alone.push(...(await buildUnit([candidate], builder, site)));
    return alone;
  }
}
