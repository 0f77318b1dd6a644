import { createHash } from 'node:crypto';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { generalKernel } from '../../generator/families/cpp_general.js';
import { GENERAL_KERNELS } from '../../generator/families/general_name.js';
import { layerName } from '../../generator/name.js';
import { type Problem, problem } from '../../generator/problem.js';
import { targetName } from '../../generator/target.js';
import { compile, compilerFlags, findCompiler } from '../../runtime/compiler.js';
import { openCpu } from '../../runtime/cpu.js';
import { defineLibrary, type KernelLibrary } from '../../runtime/library.js';
import { dgradFormula, formula } from '../support/formula.js';
import { wholeNumbers } from '../support/numbers.js';
import { PROVENANCE } from '../support/published_kernel.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const CPU = openCpu({ threads: 1 });
const P = problem({ height: 3, width: 4, kernel: 3, angles: [45], channels: 2 });
const NAME = `${layerName(P)}__published`;

/** A library of one kernel, which is the general one under a name of its own. */
function library(
  p: Problem,
  text = generalKernel('fprop').replaceAll(GENERAL_KERNELS.fprop, NAME),
): KernelLibrary {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'kernel.cpp'), text);
  return defineLibrary({
    folder,
    kernels: {
      kernel: {
        name: NAME,
        layer: layerName(p),
        target: `cpu:${CPU.target.isa}`,
        file: 'kernel.cpp',
        fileHash: createHash('sha256').update(text).digest('hex'),
        sourceHash: '0'.repeat(64),
        provenance: PROVENANCE,
      },
    },
  });
}

afterEach(() => vi.unstubAllEnvs());

describe('dispatch', () => {
  it("compiles the library's kernel into the cache and runs it", async () => {
    const cacheFolder = temporaryFolder();
    const convolution = await CPU.load(P, { library: library(P), cacheFolder });
    expect(convolution.origin).toEqual({ kind: 'library', kernel: NAME });
    const [file, sum] = readdirSync(cacheFolder);
    expect([file, sum]).toEqual([expect.stringContaining(NAME), `${file}.sha256`]);
    const given = { input: wholeNumbers(24), weight: wholeNumbers(6, 2) };
    expect(Float64Array.from(convolution.run(given))).toEqual(formula(P, given));
  });

  it('compiles again what was cut in the cache: loading it would end the process', async () => {
    const cacheFolder = temporaryFolder();
    const compiler = (await findCompiler())!;
    const text = generalKernel('fprop').replaceAll(GENERAL_KERNELS.fprop, NAME);
    const flags = compilerFlags(compiler, CPU.target.isa);
    const path = await compile(compiler, { name: NAME, text, flags, folder: cacheFolder });
    truncateSync(path, 4096);
    const convolution = await CPU.load(P, { library: library(P, text), cacheFolder });
    const given = { input: wholeNumbers(24), weight: wholeNumbers(6, 2) };
    expect(Float64Array.from(convolution.run(given))).toEqual(formula(P, given));
    expect(readdirSync(cacheFolder)).toEqual([basename(path), `${basename(path)}.sha256`]);
  });

  it('serves another batch with the same kernel', async () => {
    const options = { library: library(P), cacheFolder: temporaryFolder() };
    const { origin } = await CPU.load(problem({ ...P, batch: 7 }), options);
    expect(origin.kind).toBe('library');
  });

  it('serves dgrad at stride 1 with the same kernel, and at another stride with none', async () => {
    const options = { library: library(P), cacheFolder: temporaryFolder() };
    const backward = problem({ ...P, op: 'dgrad' });
    const convolution = await CPU.load(backward, options);
    expect(convolution.origin).toEqual({ kind: 'library', kernel: NAME });
    const given = { input: wholeNumbers(24), weight: wholeNumbers(6, 2), resid: true };
    expect(Float64Array.from(convolution.run(given))).toEqual(dgradFormula(backward, given));
    expect((await CPU.load(problem({ ...backward, stride: 2 }), options)).origin.kind).toBe('general');
  });

  it('says that there is no library', async () => {
    const { origin } = await CPU.load(P);
    expect(origin).toEqual({ kind: 'general', reason: 'not in the library: none was given' });
  });

  it('says which layer the library lacks', async () => {
    const other = problem({ ...P, kernel: 5 });
    const { origin } = await CPU.load(other, { library: library(P) });
    const reason = `not in the library: ${layerName(other)} on ${targetName(CPU.target)} is none of its 1 kernels`;
    expect(origin).toEqual({ kind: 'general', reason });
  });

  it('says that there is no compiler, and runs all the same', async () => {
    vi.stubEnv('CXX', '');
    vi.stubEnv('PATH', temporaryFolder());
    const convolution = await CPU.load(P, { library: library(P) });
    expect(convolution.origin).toEqual({
      kind: 'general',
      reason: 'no C++ compiler: none of $CXX, g++, c++ and clang++ runs',
    });
    expect(convolution.run({ input: new Float32Array(24), weight: new Float32Array(6) })).toHaveLength(24);
  });

  it('does not hide a kernel that does not compile', async () => {
    const load = CPU.load(P, { library: library(P, 'not C++'), cacheFolder: temporaryFolder() });
    await expect(load).rejects.toMatchObject({ code: 'compile', fault: 'system' });
  });

  it('refuses a source that was changed or is gone', async () => {
    const changed = library(P);
    writeFileSync(join(changed.folder, 'kernel.cpp'), 'something else');
    await expect(CPU.load(P, { library: changed })).rejects.toThrow(
      /not the one that the library was published with/,
    );
    const gone = { ...changed, folder: temporaryFolder() };
    await expect(CPU.load(P, { library: gone })).rejects.toThrow(
      /kernel\.cpp': a kernel of the library cannot be read: no such file or directory; /,
    );
  });

  it.each([
    [{ op: 'wgrad' as const }, 'load and loadBinary are for fprop and dgrad'],
    [{ dtype: 'f16' as const }, 'dtype f16 is not yet done on the CPU'],
  ])('refuses what no kernel does: %o', async (change, message) => {
    await expect(CPU.load(problem({ ...P, ...change }))).rejects.toThrow(message);
  });
});
