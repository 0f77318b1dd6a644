import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { tablePage } from '../../../../bench/table5/page/page.js';
import { CHROMIUM, lookAt } from '../../../support/browser.js';
import { sampleTable } from '../../../support/table5_result.js';
import { temporaryFolder } from '../../../support/temporary_folder.js';

const { document } = new JSDOM(tablePage(sampleTable())).window;

type Element = NonNullable<ReturnType<typeof document.querySelector>>;

const text = (element: Element) => element.textContent!.trim().replaceAll(/\s+/g, ' ');

test('steps have the published times, the peers and ours at each angle, a column a cell', () => {
  const [step, full] = [...document.querySelectorAll('.wide table')];
  const rows = (table: Element) =>
    [...table.querySelectorAll('tr')].map((row) => [...row.querySelectorAll('td, th')].map(text));
  const [head, ...body] = rows(step!);
  expect(head).toEqual(['', '14×14K=7', '14×14K=31', '28×28K=7', '28×28K=31', '56×56K=7', '56×56K=31']);
  expect(body).toHaveLength(2 + 4 + 9 + 1);
  expect(body[0]).toEqual(['published: torch 1xK, RTX 3090', '0.4', '1.1', '1.4', '3.8', '5.5', '15.0']);
  expect(body[2]!.slice(0, 2)).toEqual(['torch 1xK', '1.00±1.0 %']);
  expect(body[4]!.slice(0, 2)).toEqual(['onnxruntime 1xK', '–']);
  expect(body[14]!.slice(0, 2)).toEqual(['ours all 8', '0.280±1.0 %']);
  expect(body[15]!.slice(0, 2)).toEqual(['slowest angle to fastest', '1.35×']);
  expect(rows(full!)).toHaveLength(1 + 4 + 9 + 1);
  const tables = [...document.querySelectorAll('.wide table')];
  const published = tables.filter((table) => [...table.querySelectorAll('tr.published')].length > 0);
  expect(published).toEqual([step]); // that of NHWC was not
});

test('each operation of each cell has its bars to the floor, which say their numbers', () => {
  const charts = [...document.querySelectorAll('.panels svg')];
  expect(charts).toHaveLength(2 * 4 * 6);
  expect(charts[0]!.getAttribute('aria-label')).toContain('0° 2.00×, 22.5° 2.10×');
  expect(charts[0]!.getAttribute('aria-label')).toMatch(/all 8 2.80×, torch 1xK 10.00×, torch Kx1 10.01×$/);
});

test('it says what is missing, where kernels come from and what the angles are, and escapes names', () => {
  expect(text(document.querySelector('.peerlist')!)).toContain('missing: npm install it');
  const origins = [...document.querySelectorAll('details td:nth-child(3)')].map(text);
  expect(new Set(origins)).toEqual(new Set(['transferred', 'default', 'tuned', 'published']));
  expect(text(document.querySelector('main')!)).toContain('66.75 where 67.5 is meant');
  expect(text(document.querySelector('.lede')!)).toContain('Sample GPU <1>');
});

test('it says how far samples lie apart, and which clock measured', () => {
  const note = (page: string) => text(new JSDOM(page).window.document.querySelector('main .note')!);
  expect(note(tablePage(sampleTable()))).toMatch(
    /device's time, .* Here samples of a time spread by 1\.0 % in/,
  );
  const { provenance, cells } = sampleTable();
  const { gpu: _, ...onCpu } = provenance;
  expect(note(tablePage({ provenance: onCpu, cells }))).toMatch(/Operations alone are wall clock, too, on/);
});

test('it says how fast the clock of the GPU was, where that is known', () => {
  const { provenance, cells } = sampleTable();
  const [range, steady] = [
    { low: 1755, high: 1980 },
    { low: 2619, high: 2619 },
  ];
  const where = (smMHz: typeof range) => {
    const clocks = { smMHz, memoryMHz: steady, temperature: steady, throttled: [] };
    const page = tablePage({ provenance: { ...provenance, clocks }, cells });
    return text(new JSDOM(page).window.document.querySelector('.where')!);
  };
  expect(text(document.querySelector('.where')!)).toBe('cuda:sm_90, driver for CUDA 13.0 · NVRTC 13.0');
  expect(where(range)).toBe('cuda:sm_90, driver for CUDA 13.0, 1755 to 1980 MHz · NVRTC 13.0');
  expect(where(steady)).toBe('cuda:sm_90, driver for CUDA 13.0, 2619 MHz · NVRTC 13.0');
});

test('it needs nothing else: no script, no network', () => {
  expect(document.querySelectorAll('script, link, img, iframe')).toHaveLength(0);
});

const skipped = CHROMIUM ? '' : ' (skipped: no chromium is on the PATH)';

describe.skipIf(!CHROMIUM)(`the page in a browser${skipped}`, () => {
  test.each([
    { width: 390, dark: true },
    { width: 1280, dark: false },
  ])('at $width pixels, dark: $dark', async ({ width, dark }) => {
    const file = join(temporaryFolder(), 'table5.html');
    writeFileSync(file, tablePage(sampleTable()));
    const { png, overflow, complaints } = await lookAt(file, width, { dark });
    expect(complaints).toEqual([]);
    expect(overflow).toBe(0);
    const { entropy, dominant } = await sharp(png).stats();
    expect(entropy).toBeGreaterThan(0.5);
    expect(dominant.r < 128).toBe(dark);
  });
});
