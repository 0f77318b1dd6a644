/** Microseconds that never run backwards, from any origin. */
export type Clock = () => number;

export const monotonicClock: Clock = () => performance.now() * 1000;
