import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { PUBLISHED, publishedLibrary } from '../cli/published.js';
import { refreshLibrary } from '../cli/publishing.js';
import type { find, Layer } from '../generated/index.js';
import { checkLibrary } from '../generator/library/check.js';
import { ownFiles } from '../generator/library/manifest.js';
import { cpuTarget, ISAS, targetName } from '../generator/target.js';
import { preset } from '../tuner/presets.js';
import { temporaryFolder } from './support/temporary_folder.js';

describe('generated/', () => {
  it('is as it was published', () => {
    expect(checkLibrary(PUBLISHED)).toMatchObject({ ok: true, missing: [], changed: [], extra: [] });
  });

  it('is what this generator writes: refreshing a copy changes no byte', async () => {
    const copy = join(temporaryFolder(), 'generated');
    cpSync(PUBLISHED, copy, { recursive: true });
    const { manifest } = checkLibrary(copy);
    await refreshLibrary(copy);
    for (const file of ownFiles(manifest))
      expect(readFileSync(join(copy, file), 'latin1'), file).toBe(
        readFileSync(join(PUBLISHED, file), 'latin1'),
      );
  });

  it("serves Table 5's layers with AVX-512 and with AVX2", () => {
    const library = publishedLibrary();
    for (const isa of ISAS.filter((one) => one !== 'plain'))
      for (const layer of preset('table5', 64))
        expect(library.find(layer, targetName(cpuTarget(isa))), layer.layout).toBeDefined();
  });

  it('has types that know its layers', () => {
    type Known = 'fprop_nhwc_f32_56x56_s1_k31_a0i22p5x8_c512';
    expectTypeOf<Known>().toExtend<Layer>();
    expectTypeOf(
      undefined as unknown as ReturnType<typeof find<Known, 'cpu:avx512'>>,
    ).not.toExtend<undefined>();
  });
});
