import { afterEach, expect, test, vi } from 'vitest';
import { LEASE } from '../../../tuner/store/claims.js';
import { heartbeat } from '../../../tuner/store/heartbeat.js';

afterEach(() => void vi.useRealTimers());

test('renews well within every lease, also after one beat has failed, until it is stopped', () => {
  vi.useFakeTimers();
  const renew = vi.fn().mockImplementationOnce(() => {
    throw new Error('busy');
  });
  const beat = heartbeat({ renew });
  vi.advanceTimersByTime(LEASE);
  expect(renew).toHaveBeenCalledTimes(4);
  beat.stop();
  vi.advanceTimersByTime(LEASE);
  expect(renew).toHaveBeenCalledTimes(4);
});
