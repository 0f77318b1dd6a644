import { expect, it } from 'vitest';
import { TuneProgress } from '../../cli/tune_progress.js';
import { Ui } from '../../cli/ui.js';
import type { TuneEvent } from '../../tuner/event.js';
import { captured } from '../support/cli.js';
import { took } from '../support/trials.js';
import { smallLayer } from '../support/tuned.js';

const problems = [smallLayer(7), smallLayer(8)];

function events(index: number, time: number): TuneEvent[] {
  const problem = problems[index]!;
  return [
    { kind: 'problem', problem, index, count: 2 },
    { kind: 'building', kernels: 3 },
    { kind: 'trial', kernel: 'k', isDefault: true, outcome: took(time) },
    { kind: 'tuned', result: { kind: 'tuned-problem', problem, winner: undefined, trials: 1, failures: 0 } },
  ];
}

it('of several GPUs, says which one is at what, and counts the trials of all', () => {
  const streams = captured();
  const progress = new TuneProgress(new Ui(streams, { json: false }), 3, [0, 3]);
  const [first, second] = [events(0, 10), events(1, 20)];
  for (const [i, event] of first.entries()) {
    progress.on(event, 0);
    progress.on(second[i]!, 1);
  }
  progress.stop();
  expect(progress.trials).toBe(2);
  expect(streams.stderr.text.trimEnd().split('\n')).toEqual([
    '1 of 3 problems are tuned already',
    'tuning 1/2 GPU 0, nhwc 7x7 K=3 0° C=32 N=1: 1 trial, best 10 us',
    'tuning 2/2 GPU 3, nhwc 8x8 K=3 0° C=32 N=1: 1 trial, best 20 us',
  ]);
});

it('of one device, says nothing of it', () => {
  const streams = captured();
  const progress = new TuneProgress(new Ui(streams, { json: false }), 2, [2]);
  for (const event of events(0, 10)) progress.on(event, 0);
  progress.on({ kind: 'no-final', reason: 'lost' }, 0);
  expect(streams.stderr.text).toBe(
    'tuning 1/2 nhwc 7x7 K=3 0° C=32 N=1: 1 trial, best 10 us\nnhwc 7x7 K=3 0° C=32 N=1: no final: lost\n',
  );
});
