import { existsSync } from 'node:fs';
import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { cpuTarget, parseTarget, type Target, targetName } from '../generator/target.js';
import { addon } from '../runtime/addon.js';
import { cudaDeviceCount } from '../runtime/cuda/device.js';
import { type Plan, type PlanOptions, plan } from '../tuner/plan.js';
import { openStoreToRead } from '../tuner/store/store.js';
import type { Outcome } from './command.js';
import { ranOn, whereText } from './device.js';
import { type DeviceOptions, openDevices } from './gpus.js';
import { rigsOf } from './rig.js';
import { assertCandidate, assertTunable } from './tunable.js';
import { shortName } from './tune_table.js';
import type { Ui } from './ui.js';
import { counted } from './words.js';

export interface Planning extends DeviceOptions {
  readonly db: string;
  /** Seconds. */
  readonly budget: number;
  readonly more: boolean;
}

/** Where the tuning would run. */
type Place = Pick<PlanOptions, 'target' | 'setting' | 'width'> & { readonly where: string };

/** What `tune` would do, without doing it: nothing is built, tried or written. @throws CliError, StoreError */
export async function planTuning(problems: readonly Problem[], options: Planning, ui: Ui): Promise<Outcome> {
  const { db, budget: seconds, more } = options;
  const { where, ...place } = await placeOf(problems, options, ui);
  const store = existsSync(db) ? openStoreToRead(db) : undefined;
  try {
    const made = plan(problems, { ...place, store, seconds, more });
    return { document: planDocument(made, place.target), text: planTable(made, where, ui) };
  } finally {
    store?.close();
  }
}

/** This machine, or one with such a GPU where this one has none: the work of many machines is planned on another. */
async function placeOf(problems: readonly Problem[], options: Planning, ui: Ui): Promise<Place> {
  const target = parseTarget(options.target, cpuTarget(addon().isa()));
  if (target.kind === 'cuda' && !hasGpu()) {
    ui.note('no GPU is to be seen here: trials of all GPUs of this architecture count as made');
    for (const problem of problems) assertCandidate(problem, target);
    return { target, width: options.gpus?.length ?? 1, where: targetName(target) };
  }
  const { devices, leftOut } = openDevices(options);
  const [first] = devices;
  assertTunable(problems, first!.target);
  for (const line of leftOut) ui.note(line);
  const rigs = await rigsOf(devices);
  const gpus = rigs.length > 1 ? `, ${rigs.length} GPUs` : '';
  const { setting } = rigs[0]!;
  return { target: setting.target, setting, width: rigs.length, where: `${whereText(ranOn(first!))}${gpus}` };
}

function hasGpu(): boolean {
  try {
    return cudaDeviceCount() > 0;
  } catch {
    return false;
  }
}

function planTable({ problems, seconds }: Plan, where: string, ui: Ui): string {
  const rows = problems.map(({ problem, candidates, tried, tuned, seconds }) => [
    shortName(problem),
    candidates,
    tried,
    tuned ? 'yes' : '-',
    seconds > 0 ? time(seconds) : '-',
  ]);
  const table = ui.table(['problem', 'candidates', 'tried', 'tuned', 'at most'], rows);
  const sum = (count: (one: Plan['problems'][number]) => number) =>
    problems.reduce((total, one) => total + count(one), 0);
  const tuned = sum((one) => Number(one.tuned));
  const left = sum((one) => (one.seconds > 0 ? one.candidates - one.tried : 0));
  return [
    table,
    `${counted(problems.length, 'problem')}, ${tuned} tuned already; ${counted(left, 'candidate')} to try in at most ${time(seconds)} on ${where}`,
  ].join('\n');
}

/** Seconds, in whole ones from ten on. */
function time(seconds: number): string {
  return `${seconds < 10 ? Number(seconds.toPrecision(2)) : Math.round(seconds)} s`;
}

function planDocument({ problems, seconds }: Plan, target: Target): object {
  return {
    target: targetName(target),
    seconds,
    problems: problems.map(({ problem, ...rest }) => ({ problem: problemName(problem), ...rest })),
  };
}
