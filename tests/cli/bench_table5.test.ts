import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { tableResult } from '../../bench/table5/result.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';

afterEach(() => vi.unstubAllEnvs());

const SMALL = 'bench table5 --target cpu:plain --size 5x5 --kernels 3 --channels 8 --budget 1s'.split(' ');

/** Makes $PYTHON a PyTorch that needs 5 ms for everything, and takes note of what it is asked. */
function fakeTorch(): () => readonly string[] {
  const folder = temporaryFolder();
  const [file, asked] = [join(folder, 'python'), join(folder, 'asked')];
  writeFileSync(
    file,
    `#!/bin/sh
if [ "$1" = -c ]; then echo 1.9; exit 0; fi
n=0
while read line; do
  echo "$line" >> ${asked}
  case "$line" in
    *forget*) echo '{"forgotten": 1}' ;;
    *runs*) echo '{"microseconds": 5000}' ;;
    *) echo "{\\"job\\": $n}"; n=$((n + 1)) ;;
  esac
done
`,
  );
  chmodSync(file, 0o755);
  vi.stubEnv('PYTHON', file);
  return () => readFileSync(asked, 'utf8').trimEnd().split('\n');
}

// As published, so that rows are the script's numbers.
test('a small table beside a peer, and one that is missing: text, JSON and page', {
  timeout: 240_000,
}, async () => {
  const asked = fakeTorch();
  const folder = temporaryFolder();
  const [save, page] = [join(folder, 'table5.json'), join(folder, 'table5.html')];
  const files = ['--db', join(folder, 'none.db'), '--save', save, '--report', page];
  const peers = ['--peers', 'torch,cudnn,torch-compile', '--as-published'];
  const { exit, stdout, stderr } = await cli(...SMALL, ...peers, ...files);
  expect({ exit, stderr }).toMatchObject({
    exit: 0,
    stderr: expect.stringContaining('cudnn is missing: it is no'),
  });
  expect(stdout).toMatch(
    /nhwc f32 N=1 C=8, forward, mean and backward, no gradient of the input \(as published\)/,
  );
  expect(stdout).toMatch(/\ntorch 1xK +5\.00\ntorch Kx1 +5\.00\ncudnn 1xK +-\n/);
  expect(stdout).toMatch(/\nours 66\.75 rad +[\d.e+-]+ [\d.]+ x\n/);
  expect(stdout).toContain('\ntorch-compile is missing: pip install "torch>=2"');
  expect(stdout).toMatch(
    /\nkernels: 27 default; transferred and default ones were not chosen by measuring their own layer: .*\n?$/,
  );
  const { provenance, cells } = tableResult.parse(JSON.parse(readFileSync(save, 'utf8')));
  expect(provenance).toMatchObject({ angles: 'as published', threads: 1 });
  expect(provenance.peers.map(({ name, version }) => [name, version])).toEqual([
    ['torch', '1.9'],
    ['cudnn', null],
    ['torch-compile', null],
  ]);
  const [cell] = cells;
  expect(cell).toMatchObject({ layout: 'nhwc', size: 5, kernel: 3, batch: 1, channels: 8 });
  expect(cell!.rounds).toBeGreaterThanOrEqual(4);
  expect(cell!.layers.map(({ angles }) => angles.length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 8]);
  expect(cell!.layers[8]!.angles).toEqual([0, 209.16, 58.31, 224.49, 116.62, 325.78, 174.93, 24.09]);
  expect(cell!.peers[0]).toMatchObject({
    ...{ name: 'torch', axis: 'horizontal' },
    times: { full: { median: 5000 } },
  });
  expect(readFileSync(page, 'utf8')).toContain('Table 5, measured again');
  expect(asked().filter((line) => line.includes('"op"'))).toHaveLength(2 * 6);
});

test.each([
  [
    ['--size', '5x6'],
    /^oriented1d: '5x6': layers of the table are as high as they are wide; use for example --size 5x5/,
  ],
  [['--kernels', '7x7'], /'7x7': layers of the table are lines/],
  [['--peers', 'torch,tvm'], /'tvm': peers are some of torch, torch-compile, cudnn, onnxruntime/],
  [['--channels', '4'], /8 angles are spread over the channels, and 4 channels cannot/],
])('bench table5 %j is refused in one line', async (args, line) => {
  const { exit, stdout, stderr } = await cli('bench', 'table5', ...args);
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr.match(/\n/g)).toHaveLength(1);
});

test('bench layers has the one peer', async () => {
  const { exit, stderr } = await cli('bench', 'layers', '--peers', 'cudnn');
  expect(exit).toBe(2);
  expect(stderr).toMatch(/'cudnn': the peer of bench layers is torch/);
});

test('it writes over neither its database nor one file twice', async () => {
  const file = join(temporaryFolder(), 'one');
  for (const files of [
    ['--db', file, '--save', file],
    ['--save', file, '--report', file],
  ])
    expect(await cli(...SMALL, ...files)).toMatchObject({ exit: 2, stdout: '' });
  expect(existsSync(file)).toBe(false);
});
