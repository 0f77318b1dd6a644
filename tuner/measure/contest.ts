import { compare, gap } from './paired.js';

/** Times of several kernels and of a control, taken in rounds: the nth sample of each is of the nth round. */
export interface Contest {
  /** Those of a kernel that is out end early. */
  readonly kernels: readonly (readonly number[])[];
  /** Of every round. */
  readonly control: readonly number[];
  /** The kernel that others have to beat, and which stays in whatever it takes; undefined where there is none. */
  readonly incumbent: number | undefined;
}

/** Where a contest stands after a round. */
export interface Standings {
  /** Kernels that are slower than the one in the lead: more rounds would be wasted on them. */
  readonly beaten: readonly number[];
  /** Whether those that stay in are told apart from the one in the lead, or as good. */
  readonly settled: boolean;
}

export function standings({ kernels, control, incumbent }: Contest): Standings {
  const running = [...kernels.keys()].filter((i) => kernels[i]!.length === control.length);
  const leader = leading(kernels, control, running);
  const rivals = running
    .filter((i) => i !== leader)
    .map((i) => ({ i, order: compare(kernels[i]!, kernels[leader]!) }));
  return {
    beaten: rivals.filter(({ i, order }) => order === 'slower' && i !== incumbent).map(({ i }) => i),
    settled: rivals.every(({ order }) => order !== 'open'),
  };
}

function leading(
  kernels: Contest['kernels'],
  control: readonly number[],
  running: readonly number[],
): number {
  const gaps = new Map(running.map((i) => [i, gap(kernels[i]!, control)]));
  return running.reduce((best, i) => (gaps.get(i)! < gaps.get(best)! ? i : best));
}
