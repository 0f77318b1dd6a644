import type { Clock } from '../../tuner/measure/clock.js';

/** A clock that stands still until a run takes its time. Microseconds. */
export class TestClock {
  #now = 1000;

  readonly read: Clock = () => this.#now;

  pass(microseconds: number): void {
    this.#now += microseconds;
  }
}
