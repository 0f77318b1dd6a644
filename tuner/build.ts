import { type Compiler, compile } from '../runtime/compiler.js';
import { DeviceError } from '../runtime/errors.js';
import type { Candidate } from './candidate.js';

/** A candidate compiled, or refused by the compiler. */
export type Build =
  | { readonly kind: 'binary'; readonly candidate: Candidate; readonly path: string }
  | { readonly kind: 'refused'; readonly candidate: Candidate; readonly reason: string };

/**
 * Compiles candidates side by side in `width` compiler processes, each with its share as one translation unit, since
 * starting, linking and loading cost as much for one kernel as for several. Where a unit is refused its candidates
 * are tried one by one, so that only the culprit is lost.
 */
export async function build(
  candidates: readonly Candidate[],
  compiler: Compiler,
  flags: readonly string[],
  width: number,
): Promise<readonly Build[]> {
  const shares = Array.from({ length: Math.min(width, candidates.length) }, (_, i) =>
    candidates.filter((_, j) => j % width === i),
  );
  const built = await Promise.all(shares.map((share) => buildShare(share, compiler, flags)));
  return built.flat();
}

async function buildShare(
  share: readonly Candidate[],
  compiler: Compiler,
  flags: readonly string[],
): Promise<readonly Build[]> {
  const text = share.map((candidate) => candidate.source.text).join('\n');
  try {
    const path = await compile(compiler, { name: share[0]!.kernel, text, flags });
    return share.map((candidate) => ({ kind: 'binary', candidate, path }));
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code !== 'compile') throw error;
    if (share.length === 1) return [{ kind: 'refused', candidate: share[0]!, reason: error.rule }];
    const alone: Build[] = [];
    for (const candidate of share) alone.push(...(await buildShare([candidate], compiler, flags)));
    return alone;
  }
}
