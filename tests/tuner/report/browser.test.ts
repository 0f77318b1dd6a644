import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { reportPage } from '../../../tuner/report/page.js';
import { CHROMIUM, lookAt } from '../../support/browser.js';
import { sampleReport } from '../../support/report_store.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const skipped = CHROMIUM ? '' : ' (skipped: no chromium is on the PATH)';

describe.skipIf(!CHROMIUM)(`the page in a browser${skipped}`, () => {
  test.each([
    { width: 390, dark: false },
    { width: 390, dark: true },
    { width: 1280, dark: false },
  ])('at $width pixels, dark: $dark', async ({ width, dark }) => {
    const folder = temporaryFolder();
    const file = join(folder, 'report.html');
    writeFileSync(file, reportPage(sampleReport()));
    const { png, overflow, complaints } = await lookAt(file, width, { dark });
    expect(complaints).toEqual([]);
    expect(overflow).toBe(0);
    const { entropy, dominant } = await sharp(png).stats();
    expect(entropy).toBeGreaterThan(0.5); // a page without a word has none
    expect(dominant.r < 128).toBe(dark);
    expect((await sharp(png).metadata()).width).toBe(width);
  });
});
