import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BenchError } from '../../bench/errors.js';
import { replayRecord } from '../../bench/replay_record.js';
import { PAPER_ANGLES, type Problem, problem } from '../../generator/problem.js';
import type { Schedule } from '../../generator/schedule.js';
import { space } from '../../generator/space.js';
import { readTarget } from '../../generator/target.js';
import { candidate } from '../../tuner/candidate.js';
import { type RecordedProblem, replay, simulatedDevice } from '../../tuner/replay.js';
import { openStore, type Store } from '../../tuner/store/store.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FAILED } from '../support/terrain.js';
import { RUN, took } from '../support/trials.js';

const target = readTarget('cuda:sm_90');
const small = problem({
  layout: 'nhwc',
  height: 7,
  width: 7,
  kernel: 31,
  angles: PAPER_ANGLES,
  channels: 768,
  batch: 64,
});
const other = problem({ ...small, layout: 'nchw' });

/** A store with a trial of each schedule: the first fails, and each other one takes ten microseconds more than the last. */
function storeOf(schedules: readonly Schedule[], machines: readonly string[]): Store {
  const store = openStore(join(temporaryFolder(), 'trials.db'));
  const session = store.begin(RUN);
  const toolchain = { compiler: 'NVRTC 13.0', flags: '-O3' };
  for (const machine of machines)
    for (const [i, schedule] of schedules.entries())
      session.record({
        ...candidate(schedule, { target, toolchain, machine, threads: 1 }),
        ...{ target: 'cuda:sm_90', params: schedule.params, isDefault: false },
        outcome: i === 0 ? FAILED : took(10 * i + 0.004),
      });
  return store;
}

function candidatesOf(one: Problem): readonly Schedule[] {
  return space(one, target).candidates;
}

test('a record holds the problems that were tried nearly exhaustively, and replays as a device', () => {
  const all = candidatesOf(small);
  const store = storeOf([...all, ...candidatesOf(other).slice(0, 4)], ['A GPU']);
  const record = JSON.parse(replayRecord(store)) as { provenance: object; problems: RecordedProblem[] };
  store.close();
  expect(record.provenance).toMatchObject({ gpu: 'A GPU', compiler: 'NVRTC 13.0', versions: [RUN.version] });
  expect(record.problems).toHaveLength(1);
  expect(record.problems[0]!.coverage).toEqual({ legal: all.length, tried: all.length });
  const device = simulatedDevice(record.problems[0]!);
  expect(device.terrain.candidates).toEqual(all);
  expect(device.optimum).toBe(10);
  expect(device.outcome(device.terrain.candidates[0]!)).toMatchObject({ kind: 'failed' });
  const curve = replay(device, { search: 'exhaustive', seed: 1, inFlight: 1 });
  expect(curve[0]).toBe(0); // the default failed
  expect(curve.at(-1)).toBe(1);
  expect(curve).toHaveLength(all.length);
});

test.each([[['A GPU', 'Another GPU']], [[]]])('trials of the machines %j make no record', (machines) => {
  const store = storeOf(candidatesOf(small).slice(0, 1), machines);
  expect(() => replayRecord(store)).toThrow(BenchError);
  expect(() => replayRecord(store)).toThrow(`trials of ${machines.length};`);
  store.close();
});
