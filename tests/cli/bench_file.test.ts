import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const LAYER = { height: 5, width: 5, kernel: 3, angles: [0, 90], channels: 16 };
const HOW = '--target cpu:plain --threads 1 --budget 0.2s --peers none --warm --directions together'.split(
  ' ',
);

test('layers of a file are benched as those of a preset are', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'problems.json');
  writeFileSync(path, JSON.stringify([LAYER, { ...LAYER, batch: 2, op: 'wgrad' }]));
  const asked = ['bench', 'layers', path, ...HOW, '--db', join(folder, 'trials.db'), '--json'];
  const { exit, stdout, stderr } = await cli(...asked, '--batch', '3');
  const { results, provenance } = JSON.parse(stdout) as {
    results: { op: string; batch: number }[];
    provenance: object;
  };
  expect([exit, results.map(({ op, batch }) => [op, batch])]).toEqual([
    0,
    [
      ['fprop', 3],
      ['wgrad', 2],
    ],
  ]);
  expect(provenance).not.toHaveProperty('clocks'); // a processor does not tell
  expect(stderr).toContain('1 problem with a batch of their own, whatever --batch says');
}, 240_000);

test('a file that describes layers takes no options that do so, and is not written over', async () => {
  const path = join(temporaryFolder(), 'problems.json');
  writeFileSync(path, JSON.stringify([LAYER]));
  const described = await cli('bench', 'layers', path, '--size', '9x9');
  expect([described.exit, described.stderr]).toEqual([2, expect.stringContaining('has its own problems')]);
  const { exit, stderr } = await cli('bench', 'layers', path, '--save', path);
  expect([exit, stderr]).toEqual([2, expect.stringContaining('is the file of another option or argument')]);
});
