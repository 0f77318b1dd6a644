import type { BenchOptions } from './bench.js';
import { CliError } from './errors.js';

/** What `oriented1d bench` measures. */
export const BENCHES = ['layers', 'table5', 'models'] as const;
export type Bench = (typeof BENCHES)[number];

/** Which benches have a use for an option. */
const USES = {
  op: ['layers'],
  target: BENCHES,
  size: ['layers', 'table5'],
  stride: ['layers'],
  kernels: ['layers', 'table5'],
  layout: ['layers', 'table5'],
  batch: ['layers', 'table5'],
  channels: ['layers', 'table5'],
  directions: ['layers'],
  known: ['layers'],
  warm: ['layers'],
  threads: BENCHES,
  db: ['layers', 'table5'],
  budget: BENCHES,
  peers: BENCHES,
  asPublished: ['table5'],
  save: BENCHES,
  report: ['table5'],
  models: ['models'],
  variants: ['models'],
  batches: ['models'],
  image: ['models'],
  products: ['models'],
  gelu: ['models'],
  library: ['models'],
} as const satisfies Record<keyof BenchOptions, readonly Bench[]>;

/** @throws CliError for an option, or a preset, that this bench would do nothing with */
export function assertUsed(bench: Bench, options: BenchOptions, presets: readonly string[]): void {
  const names = Object.keys(USES) as (keyof BenchOptions)[];
  for (const name of names) if (options[name] !== undefined) requireUse(bench, optionOf(name), USES[name]);
  if (presets[0] !== undefined) requireUse(bench, presets[0], ['layers']);
}

function requireUse(bench: Bench, given: string, users: readonly Bench[]): void {
  if (users.includes(bench)) return;
  throw new CliError({
    code: 'bench-option',
    value: given,
    rule: `bench ${bench} has no use for it, which is for bench ${users.join(' and ')}`,
    remedy: `leave ${given} out, or use oriented1d bench ${users[0]}`,
  });
}

/** `--as-published` of asPublished. */
function optionOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
