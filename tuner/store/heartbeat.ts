import { LEASE } from './claims.js';
import type { Session } from './session.js';

/** Renews a session's claims while its tuner builds and measures, whatever that takes. Ends when it is told to. */
export function heartbeat(session: Pick<Session, 'renew'>): { stop(): void } {
  const timer = setInterval(() => {
    try {
      session.renew();
    } catch {
      // The next beat may succeed. A claim that is lost costs a second trial, which record() drops; and a database that
      // has failed for good says so to whoever writes next.
    }
  }, LEASE / 4);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
