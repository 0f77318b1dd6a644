import { median } from '../measure/stats.js';
import type { Trial } from '../store/trial.js';
import { familyName } from './family_name.js';
import { grouped } from './grouped.js';

/** What the parameters of one kernel family did to a problem's time. */
export interface FamilyEffects {
  readonly family: string;
  /** In the order of the kernel's name; those that had one value only are left out, since they show nothing. */
  readonly parameters: readonly ParameterEffect[];
}

export interface ParameterEffect {
  readonly name: string;
  /** Ascending. */
  readonly values: readonly ValueEffect[];
}

/** All trials with one value of one parameter, whatever the others were. Times in microseconds. */
export interface ValueEffect {
  readonly value: string;
  readonly trials: number;
  /** Undefined if every one failed, and so is the median. */
  readonly best: number | undefined;
  readonly median: number | undefined;
}

/** @param trials of one problem in one setting */
export function familyEffects(trials: readonly Trial[]): readonly FamilyEffects[] {
  return [...grouped(trials, ({ kernel }) => familyName(kernel))].map(([family, own]) => {
    const names = Object.keys(own[0]!.params);
    const parameters = names.map((name) => effectOf(own, name)).filter(({ values }) => values.length > 1);
    return Object.freeze({ family, parameters });
  });
}

function effectOf(trials: readonly Trial[], name: string): ParameterEffect {
  const byValue = [...grouped(trials, ({ params }) => String(params[name]))];
  const values = byValue.map(([value, own]): ValueEffect => {
    const times = own.flatMap(({ outcome }) => (outcome.kind === 'ok' ? [outcome.measurement.median] : []));
    const some = times.length > 0;
    return Object.freeze({
      value,
      trials: own.length,
      best: some ? Math.min(...times) : undefined,
      median: some ? median(times) : undefined,
    });
  });
  return Object.freeze({ name, values: values.toSorted(ascending) });
}

function ascending(a: ValueEffect, b: ValueEffect): number {
  return a.value.localeCompare(b.value, 'en', { numeric: true });
}
