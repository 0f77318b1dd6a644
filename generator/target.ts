import { ProblemError } from './errors.js';

/** A machine that kernels are emitted for: what schedules must fit into, nothing about how it is driven. */
export type Target = CpuTarget | CudaTarget;

export const ISAS = ['avx512', 'avx2', 'plain'] as const;
export type Isa = (typeof ISAS)[number];

export interface CpuTarget {
  readonly kind: 'cpu';
  readonly isa: Isa;
  /** float32 lanes of one vector register. */
  readonly lanes: number;
  /** Vector registers. */
  readonly registers: number;
  /** What one thread's staged input may take before it falls out of the caches that it was staged for, in bytes. */
  readonly slabBytes: number;
}

export interface CudaTarget {
  readonly kind: 'cuda';
  /** `sm_90`. */
  readonly arch: string;
}

const CPUS: Readonly<Record<Isa, CpuTarget>> = {
  avx512: cpu('avx512', 16, 32),
  avx2: cpu('avx2', 8, 16),
  plain: cpu('plain', 4, 16),
};

/** `cpu:avx512`, `cuda:sm_90`: as it is written on a command line and in the database. */
export function targetName(target: Target): string {
  switch (target.kind) {
    case 'cpu':
      return `cpu:${target.isa}`;
    case 'cuda':
      return `cuda:${target.arch}`;
    default:
      return target satisfies never;
  }
}

export function cpuTarget(isa: Isa): CpuTarget {
  return CPUS[isa];
}

/**
 * Reads `cpu`, `cpu:ISA`, `cuda` or `cuda:sm_NN`.
 * @param here the target that a bare `cpu` means, usually this machine's
 * @throws ProblemError
 */
export function parseTarget(text: string, here: CpuTarget): Target {
  const [kind, detail, ...junk] = text.split(':');
  if (junk.length > 0) throw unknownTarget(text);
  if (kind === 'cpu' && detail === undefined) return here;
  if (kind === 'cpu' && (ISAS as readonly string[]).includes(detail!)) return cpuTarget(detail as Isa);
  if (kind === 'cuda' && detail === undefined) return Object.freeze({ kind: 'cuda', arch: 'sm_90' });
  if (kind === 'cuda' && isArch(detail!)) return Object.freeze({ kind: 'cuda', arch: detail! });
  throw unknownTarget(text);
}

/** Reads the name of a target that a file or a database holds: it says its instruction set. @throws ProblemError */
export function readTarget(name: string): Target {
  return parseTarget(name, cpuTarget('plain'));
}

/** The instruction sets that a processor with this one runs, widest first: each includes those after it. */
export function isasOf(widest: Isa): readonly Isa[] {
  return ISAS.slice(ISAS.indexOf(widest));
}

/** Turing: older ones are not compiled for by today's toolkits. */
const OLDEST_ARCH = 75;

function isArch(text: string): boolean {
  return /^sm_\d+a?$/.test(text) && capability(text) >= OLDEST_ARCH;
}

/** `sm_90`, `sm_90a` -> 90. */
export function capability(arch: string): number {
  return Number.parseInt(arch.slice('sm_'.length), 10);
}

/** The first capability whose tensor cores have TF32. */
const WITH_TF32 = 80;

export function hasTf32(arch: string): boolean {
  return capability(arch) >= WITH_TF32;
}

/** The first capability with a copy engine that works beside the threads. */
const WITH_COPY_ENGINE = 90;

export function hasCopyEngine(arch: string): boolean {
  return capability(arch) >= WITH_COPY_ENGINE;
}

/** The first capability on which a kernel may start before the one before it has ended. */
const WITH_EARLY_START = 90;

export function startsEarly(arch: string): boolean {
  return capability(arch) >= WITH_EARLY_START;
}

/** The first capability on which neighbouring blocks can wait for one another. */
const WITH_CLUSTERS = 90;

export function hasClusters(arch: string): boolean {
  return capability(arch) >= WITH_CLUSTERS;
}

function unknownTarget(text: string): ProblemError {
  return new ProblemError({
    code: 'target-unknown',
    value: text,
    rule: `a target is cpu, ${ISAS.map((isa) => `cpu:${isa}`).join(', ')}, cuda or cuda:sm_NN from ${OLDEST_ARCH} on`,
    remedy: 'use --target cpu for this machine',
  });
}

function cpu(isa: Isa, lanes: number, registers: number): CpuTarget {
  return Object.freeze({ kind: 'cpu', isa, lanes, registers, slabBytes: 4 << 20 });
}
