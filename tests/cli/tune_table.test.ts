import { expect, test } from 'vitest';
import { tunedDocument, tuneTable } from '../../cli/tune_table.js';
import { Ui } from '../../cli/ui.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { captured } from '../support/cli.js';

const ui = new Ui(captured(), { json: false });
const layer: ProblemSpec = { height: 9, width: 9, kernel: 3, angles: [0], channels: 16 };

function tuned(spec: Partial<ProblemSpec>, threads = 1) {
  const result = { kind: 'tuned-problem', problem: problem({ ...layer, ...spec }), winner: undefined };
  const results = [{ ...result, trials: 0, failures: 0 }] as unknown as Parameters<
    typeof tuneTable
  >[0]['results'];
  return { results, trials: 0, threads, target: 'cpu:avx2' };
}

test('says what runs where nothing was tuned, if anything does', () => {
  for (const op of ['fprop', 'dgrad', 'wgrad'] as const)
    expect(tuneTable(tuned({ op }), ui)).toMatch(/ the general kernel *\n/);
  expect(tuneTable(tuned({ op: 'backward' }), ui)).toMatch(/ the general kernels *\n/);
  const table = tuneTable(tuned({ dtype: 'f16' }), ui);
  expect(table).not.toContain('the general kernel');
  expect(table).toContain('none yet');
});

test('says what it ran on', () => {
  expect(tuneTable(tuned({}), ui)).toMatch(/\ncpu:avx2, 1 thread$/);
  expect(tuneTable(tuned({}, 2), ui)).toMatch(/\ncpu:avx2, 2 threads$/);
  expect(tuneTable({ ...tuned({}, 2), gpus: [0, 3] }, ui)).toMatch(/, GPUs 0, 3$/);
  expect(tunedDocument(tuned({}, 2))).toMatchObject({ target: 'cpu:avx2', threads: 2 });
});

test('rows that differ in their angles or operation only are told apart', () => {
  expect(tuneTable(tuned({ angles: [22.5] }), ui)).toContain('nhwc 9x9 K=3 22.5° C=16 N=1');
  expect(tuneTable(tuned({ op: 'backward' }), ui)).toContain('\nbackward nhwc 9x9 K=3 0° C=16 N=1');
  expect(tuneTable(tuned({ angles: [0, 90], stride: 2 }), ui)).toContain(
    'nhwc 9x9 K=3 s=2 2 angles C=16 N=1',
  );
  expect(tuneTable(tuned({ angles: [90, 0] }), ui)).toContain('nhwc 9x9 K=3 2 angles from 90° C=16 N=1');
});

test('a time below a microsecond is not none', () => {
  const { results, ...rest } = tuned({});
  const measurement = { median: 0.4187, spread: 0.02 };
  const winner = { measurement, trial: { kernel: 'layer__cpp_sheared_t1' } };
  const winning = { ...rest, results: [{ ...results[0]!, winner }] } as unknown as Parameters<
    typeof tuneTable
  >[0];
  expect(tuneTable(winning, ui)).toContain('0.419 us +-2 %');
});

test('a winner whose times spread widely is kept with a remark', () => {
  const { results, ...rest } = tuned({});
  const won = (spread: number) => {
    const winner = { measurement: { median: 10, spread }, trial: { kernel: 'layer__cpp_sheared_t1' } };
    return { ...rest, results: [{ ...results[0]!, winner }] } as unknown as Parameters<typeof tuneTable>[0];
  };
  expect(tuneTable(won(0.5), ui)).toMatch(
    /\nnhwc 9x9 K=3 0° C=16 N=1: its times spread by \+-50 %, .*; tune --more .*more --budget$/,
  );
  expect(tunedDocument(won(0.5))).toMatchObject({
    problems: [{ note: expect.stringContaining('spread by +-50 %') }],
  });
  expect(tuneTable(won(0.05), ui)).not.toContain('spread by');
  expect(JSON.stringify(tunedDocument(won(0.05)))).not.toContain('note');
});

test("a winner comes with its final's clocks, where they are known", () => {
  const { results, ...rest } = tuned({});
  const clocks = { smMHz: { low: 1755, high: 1980 } };
  const winner = {
    measurement: { median: 10, spread: 0 },
    trial: { kernel: 'layer__cpp_sheared_t1' },
    clocks,
  };
  const winning = { ...rest, results: [{ ...results[0]!, winner }] } as unknown as Parameters<
    typeof tuneTable
  >[0];
  expect(tunedDocument(winning)).toMatchObject({ problems: [{ clocks }] });
});
