import { compile } from '../runtime/compiler.js';
import { DeviceError } from '../runtime/errors.js';
import type { Candidate } from './candidate.js';
import type { Workshop } from './workshop.js';

/** A candidate compiled, or refused by the compiler. */
export type Build =
  | { readonly kind: 'binary'; readonly candidate: Candidate; readonly path: string }
  | { readonly kind: 'refused'; readonly candidate: Candidate; readonly reason: string };

/** What candidates are built with, how many compilers side by side, and where. */
export type Builder = Pick<Workshop, 'compiler' | 'flags' | 'width' | 'folder' | 'signal'>;

/**
 * Compiles candidates side by side in `width` compiler processes, each with its share as one translation unit, since
 * starting, linking and loading cost as much for one kernel as for several. Where a unit is refused its candidates
 * are tried one by one, so that only the culprit is lost. After Ctrl-C, which compilers get as well, those that had
 * no time are left out.
 * @throws DeviceError if a compiler ended in a way that says nothing of its source, as on a full disk
 */
export async function build(candidates: readonly Candidate[], builder: Builder): Promise<readonly Build[]> {
  const { width } = builder;
  const shares = Array.from({ length: Math.min(width, candidates.length) }, (_, i) =>
    candidates.filter((_, j) => j % width === i),
  );
  const built = await Promise.all(shares.map((share) => buildShare(share, builder)));
  return built.flat();
}

async function buildShare(share: readonly Candidate[], builder: Builder): Promise<readonly Build[]> {
  const { compiler, flags, folder, signal } = builder;
  if (signal.aborted) return [];
  const text = share.map((candidate) => candidate.source.text).join('\n');
  try {
    const path = await compile(compiler, { name: share[0]!.kernel, text, flags, folder });
    return share.map((candidate) => ({ kind: 'binary', candidate, path }));
  } catch (error) {
    if (signal.aborted) return []; // compilers that Ctrl-C ended are no verdict
    if (!(error instanceof DeviceError) || error.code !== 'compile') throw error;
    if (share.length === 1) return [{ kind: 'refused', candidate: share[0]!, reason: error.rule }];
    const alone: Build[] = [];
    for (const candidate of share) alone.push(...(await buildShare([candidate], builder)));
    return alone;
  }
}
