import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Candidate } from '../../tuner/candidate.js';
import type { Build, Rig } from '../../tuner/rig/rig.js';

/**
 * Makes rigs that build no candidate twice, whatever tuning asks for it: what one test of a file has built, the others are
 * handed out. Gone when the test file ends.
 */
export function rememberingRigs(): (rig: Rig) => Rig {
  const folder = mkdtempSync(join(tmpdir(), 'oriented1d-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const known = new Map<string, string>();
  const keyOf = ({ kernel, sourceHash, toolchain }: Candidate) =>
    JSON.stringify([kernel, sourceHash, toolchain]);
  return (rig) => ({
    ...rig,
    async build(candidates, { signal }) {
      const missing = candidates.filter((made) => !known.has(keyOf(made)));
      const built = await rig.build(missing, { folder, signal });
      for (const one of built) if (one.kind === 'binary') known.set(keyOf(one.candidate), one.path);
      return candidates.flatMap((candidate): Build[] => {
        const path = known.get(keyOf(candidate));
        if (path !== undefined) return [{ kind: 'binary', candidate, path }];
        return built.filter((one) => one.candidate === candidate);
      });
    },
  });
}
