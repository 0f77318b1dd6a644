import { family } from './families/registry.js';
import { sha256 } from './hash.js';
import type { LaunchPlan } from './launch.js';
import type { Schedule } from './schedule.js';

/** A kernel's text: what is compiled, hashed and published. */
export interface Source {
  readonly kind: 'source';
  /** The exported symbol, and the kernel's name. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of the text, hex. */
  readonly hash: string;
  readonly facts: Readonly<Record<string, string>>;
  /** How a CUDA kernel is launched. */
  readonly launch?: LaunchPlan;
}

/** Emits the kernel of a legal schedule. The same schedule gives the same text. */
export function source({ problem, target, family: id, params, name }: Schedule): Source {
  const { text, facts, launch } = family(id).emit(problem, target, params, name);
  return Object.freeze({
    kind: 'source',
    name,
    text,
    hash: sha256(text),
    facts,
    ...(launch && { launch }),
  });
}
