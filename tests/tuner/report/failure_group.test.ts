import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failureGroups } from '../../../tuner/report/failure_group.js';
import { arbitraryTrials, timesOf } from '../../support/outcomes.js';

test('every failed trial is in one group, that of its reason', () => {
  fc.assert(
    fc.property(arbitraryTrials, (trials) => {
      const groups = failureGroups(trials);
      const members = groups.flatMap(({ reason, schedules }) =>
        schedules.map((schedule) => `${schedule} ${reason}`),
      );
      const failed = trials.filter((trial) => timesOf([trial]).length === 0);
      expect(members.toSorted()).toEqual(
        failed.map(({ params }) => `cpp_sheared_t${params.tile} by ${params.tile}`).toSorted(),
      );
      expect(new Set(groups.map(({ reason }) => reason)).size).toBe(groups.length);
    }),
  );
});
