import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedLibrary } from '../../cli/published.js';
import { FAMILY_IDS, family } from '../../generator/families/registry.js';
import { parseKernelName } from '../../generator/schedule.js';
import { readTarget } from '../../generator/target.js';
import { findNvcc } from '../../runtime/cuda/nvcc.js';
import { ptxas } from '../support/ptxas.js';

const ARCH = 'sm_90';
const SM_90 = readTarget(`cuda:${ARCH}`);
const nvcc = await findNvcc();
const { folder, kernels } = publishedLibrary();

const IDS = FAMILY_IDS.filter((id) => family(id).target === 'cuda');

/** A family's published kernel with the shortest text: the longest take half a minute to compile. */
function shortest(id: string): string | undefined {
  const texts = Object.values(kernels)
    .filter(({ name, target }) => target === `cuda:${ARCH}` && parseKernelName(name, SM_90).family === id)
    .map(({ file }) => readFileSync(join(folder, file), 'utf8'));
  return texts.sort((a, b) => a.length - b.length)[0];
}

describe.skipIf(!nvcc)(nvcc ? `nvcc ${nvcc.version}` : 'nvcc: neither on PATH nor in a CUDA toolkit', () => {
  it.each(IDS)('compiles a winner of %s without spills or local memory', async (id) => {
    const text = shortest(id);
    if (text === undefined) throw new Error(`no kernel of ${id} is published for ${ARCH}`);
    const reports = await ptxas(nvcc!, text, [ARCH]);
    expect(reports.length).toBeGreaterThan(1); // the kernel, and what packs its weights or adds up its sums
    expect(reports.filter(({ stackBytes, spillBytes }) => stackBytes + spillBytes > 0)).toEqual([]);
  });
});
