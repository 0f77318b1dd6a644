import { WARP } from '../multiprocessor.js';

/**
 * Warps that share neighbouring lines so that no lane is idle: thread t of a team computes channel t % channels of line
 * t / channels. One where channels divide a warp's lanes; three take 8 lines of 12 channels, or 4 of 24.
 */
export function teamOf(channels: number): number {
  let warps = 1;
  while (warps < channels && (WARP * warps) % channels !== 0) warps++;
  return warps;
}

/** Neighbouring lines that a team computes at a time. */
export function teamLines(channels: number): number {
  return (WARP * teamOf(channels)) / channels;
}
