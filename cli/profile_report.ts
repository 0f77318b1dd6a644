import type { Extent } from '../generator/problem.js';
import type { ModelConfig } from '../runtime/convnext/config.js';
import type { ModelProfile } from '../runtime/model/profile.js';
import type { RanOn } from './device.js';

/** All that a profile has to tell; tables and pages are made from it and nothing else. */
export interface ProfileReport {
  readonly kind: 'profile-report';
  readonly config: ModelConfig;
  /** Learned numbers. */
  readonly parameters: number;
  readonly batch: number;
  readonly image: Extent;
  readonly on: RanOn;
  readonly profile: ModelProfile;
}

/** Sums over all steps. */
export interface ProfileTotals {
  readonly flops: number;
  readonly bytes: number;
  /** Microseconds. */
  readonly floor: number;
}

export function profileTotals({ profile }: ProfileReport): ProfileTotals {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    flops: sum(profile.steps.map(({ flops }) => flops)),
    bytes: sum(profile.steps.map(({ bytes }) => bytes)),
    floor: sum(profile.steps.map(({ floor }) => floor)),
  };
}

/** `931 GFLOP/s`, `12.5 TFLOP/s`. @param time microseconds */
export function rateText(flops: number, time: number): string {
  const giga = flops / time / 1e3;
  return giga < 1e3 ? `${digits(giga)} GFLOP/s` : `${digits(giga / 1e3)} TFLOP/s`;
}

/** `28.5 M`, `4.47 G`. */
export function amountText(amount: number): string {
  const [unit, name] = UNITS.find(([size]) => amount >= size) ?? UNITS.at(-1)!;
  return `${digits(amount / unit)} ${name}`.trimEnd();
}

const UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
] as const;

/** Three of them, or all of a whole part. */
function digits(value: number): string {
  return value < 100 ? String(Number(value.toPrecision(3))) : String(Math.round(value));
}
