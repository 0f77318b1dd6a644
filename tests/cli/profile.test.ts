import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { expect, it, test } from 'vitest';
import { profilePage } from '../../cli/profile_page.js';
import { amountText, type ProfileReport, rateText } from '../../cli/profile_report.js';
import { profileText } from '../../cli/profile_table.js';
import { Ui } from '../../cli/ui.js';
import { standardConfig } from '../../runtime/convnext/config.js';
import { CHROMIUM, lookAt } from '../support/browser.js';
import { captured, cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES } from '../support/weights.js';

const step = (name: string, time: number, floor: number, flops: number) => ({
  ...{ name, kernel: `kernel <of> ${name}`, time, floor, flops, bytes: 4e3 * floor },
});
const REPORT: ProfileReport = {
  kind: 'profile-report',
  config: standardConfig('tiny', '1d'),
  parameters: 28_476_040,
  batch: 2,
  image: { height: 224, width: 192 },
  on: { target: 'cuda:sm_90', device: 'a GPU' },
  profile: {
    total: 100,
    copyRate: 4e9,
    bytes: 123e6,
    steps: [
      step('downsample_layers.0.dw1', 20, 10, 4e6),
      step('stages.0.0.dwconv', 30, 15, 0),
      step('stages.0.1.dwconv', 40, 25, 0),
    ],
  },
};

it('shows where the time goes, alike steps together', () => {
  const ui = new Ui(captured(), { json: false });
  const lines = profileText(REPORT, ui)
    .split('\n')
    .map((line) => line.replaceAll(/ {2,}/g, ' | '));
  expect(lines).toEqual([
    'step | times | time | share | floor | to floor | rate | by',
    'downsample_layers.0.dw1 | 1 | 20 us | 20.0 % | 10 us | 2.00 x | 200 GFLOP/s | kernel <of> downsample_layers.0.dw1',
    'stages.0.dwconv | 2 | 70 us | 70.0 % | 40 us | 1.75 x | - | kernel <of> stages.0.0.dwconv and 1 more',
    'all in one go: 100 us, 20000.0 images/s, 2.00 x the floor',
    'the floor is a copy of the bytes that steps read and write, at 4 GB/s',
    '1d tiny, 1000 classes: 28.5 M parameters, 2 MFLOP an image; 123 MB of memory',
    'ran 2 images of 224x192 on cuda:sm_90, a GPU',
  ]);
});

it('makes a page of it that needs nothing else', () => {
  const html = profilePage(REPORT, new Date('2026-11-24T16:30:00Z'));
  const page = new JSDOM(html).window.document;
  const texts = (selector: string) =>
    [...page.querySelectorAll(selector)].map((one) => one.textContent!.trim());
  expect(html).not.toMatch(/undefined|NaN|\[object/);
  expect(html).not.toMatch(/https?:|@import|<script|<link|<img/);
  expect(texts('.lede')).toEqual([
    'Where the time of 1d tiny, 1000 classes goes, for 2 images of 224×192 on cuda:sm_90, a GPU, 2026-11-24 16:30 UTC.',
  ]);
  expect(texts('.figures dd')).toEqual(['100 µs', '20000.0', '2.00×', '28.5 M', '2 MFLOP', '123 MB']);
  expect(texts('.groups tbody td:first-child')).toEqual(['downsample_layers.0.dw1', 'stages.0.dwconv']);
  expect(texts('.steps tbody td:last-child')).toEqual(REPORT.profile.steps.map(({ kernel }) => kernel));
  const bars = [...page.querySelectorAll('.bar[style]')].map((bar) => bar.getAttribute('style'));
  expect(bars).toEqual(['width: 28.6%', 'width: 100.0%']);
});

test('amounts and rates have three digits', () => {
  expect([0, 9, 999, 1000, 28_476_040, 4.4712e9, 2e12].map(amountText)).toEqual([
    '0',
    '9',
    '999',
    '1 k',
    '28.5 M',
    '4.47 G',
    '2 T',
  ]);
  expect(rateText(1e9, 100)).toBe('10 TFLOP/s');
  expect(rateText(12_345, 100)).toBe('0.123 GFLOP/s');
});

it('times a network, and writes its page', async () => {
  const report = join(temporaryFolder(), 'profile.html');
  const run = await cli(
    ...['profile', '--weights', join(FIXTURES, 'small_2dpp.pth'), '--image', '64x48', '--batch', '2'],
    ...['--rounds', '2', '--report', report, '--gelu', 'tanh', '--json'],
  );
  expect(run.exit).toBe(0);
  const made = JSON.parse(run.stdout);
  expect(made).toMatchObject({
    variant: '2dpp',
    classes: 10,
    batch: 2,
    image: { height: 64, width: 48 },
    ...{ report, products: 'fp32', gelu: 'tanh' },
  });
  expect(made.steps.map(({ name }: { name: string }) => name)).toContain('stages.1.1.dwconv2');
  const sum = (key: string) =>
    made.steps.reduce((total: number, one: Record<string, number>) => total + one[key]!, 0);
  expect(made.flops).toBe(sum('flops'));
  expect(made.floor).toBeCloseTo(sum('floor'), 6);
  expect(made.total).toBeGreaterThan(0);
  expect(readFileSync(report, 'utf8')).toContain('2dpp of widths 12, 20, 36, 52');
});

test.skipIf(!CHROMIUM).each([390, 1280])('its page is no wider than a window of %i pixels', async (width) => {
  const file = join(temporaryFolder(), 'profile.html');
  writeFileSync(file, profilePage(REPORT, new Date()));
  const { overflow, complaints } = await lookAt(file, width);
  expect({ overflow, complaints }).toEqual({ overflow: 0, complaints: [] });
});
