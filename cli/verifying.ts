import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLibrary, type LibraryCheck } from '../generator/library/check.js';
import type { KernelEntry } from '../generator/library/entry.js';
import { kernelText } from '../generator/library/kernel_file.js';
import { readTarget, targetName } from '../generator/target.js';
import { currentSchedule, trialProblem } from '../tuner/candidate.js';
import { renderKernel } from '../tuner/harvest.js';
import type { Store } from '../tuner/store/store.js';
import type { Winner } from '../tuner/store/winners.js';
import type { Outcome } from './command.js';
import { Examination } from './examination.js';
import type { Finding, Suspect } from './suspect.js';
import type { Ui } from './ui.js';

/** A kernel that is to be examined, or what is known of it already. */
type Case = Suspect | Finding;

/**
 * Checks a published library: that its files are those that were published, that the generator still emits their text,
 * and that each kernel compiles and is right on this machine, in a process of its own. Kernels that do not run here
 * are said not to have been run; a library of which none was is not verified.
 * @param sample how many are timed again
 * @throws LibraryError if the folder is no library
 */
export async function verifyLibrary(folder: string, sample: number, ui: Ui): Promise<Outcome> {
  const check = checkLibrary(folder);
  const { kernels, command } = check.manifest;
  const cases: Case[] = [];
  for (const entry of kernels) cases.push(await publishedCase(folder, entry, command));
  return report(folder, await findingsOf(cases, sample, ui), ui, check);
}

/** The same of a database's winners; those whose text the generator no longer writes are said to be stale. */
export async function verifyWinners(store: Store, sample: number, ui: Ui): Promise<Outcome> {
  return report(store.path, await findingsOf(store.winners().map(winnerCase), sample, ui), ui);
}

/** Examines what can be, and times a sample of it again: as many, spread over the whole. */
async function findingsOf(cases: readonly Case[], sample: number, ui: Ui): Promise<readonly Finding[]> {
  const examination = await Examination.open();
  const progress = ui.progress('verifying', cases.length);
  const findings: Finding[] = [];
  try {
    const timed = await sampleOf(cases.filter(isSuspect), sample, examination);
    for (const one of cases) {
      findings.push(isSuspect(one) ? await examination.examine(one, timed.has(one)) : one);
      progress.step(one.kernel);
    }
  } finally {
    progress.stop();
    await examination.close();
  }
  return findings;
}

async function sampleOf(
  suspects: readonly Suspect[],
  sample: number,
  examination: Examination,
): Promise<ReadonlySet<Suspect>> {
  const able: Suspect[] = [];
  for (const suspect of suspects) if (!(await examination.obstacle(suspect))) able.push(suspect);
  const count = Math.min(sample, able.length);
  return new Set(Array.from({ length: count }, (_, i) => able[Math.floor((i * able.length) / count)]!));
}

function isSuspect(one: Case): one is Suspect {
  return !('verdict' in one);
}

async function publishedCase(folder: string, entry: KernelEntry, command: string): Promise<Case> {
  const { name: kernel, target, provenance } = entry;
  const unsound = (verdict: string, detail: string): Finding => ({
    ...{ kernel, target, verdict, detail },
    sound: false,
  });
  const text = await readFile(join(folder, entry.file), 'utf8').catch(() => undefined);
  if (text === undefined) return unsound('missing', entry.file);
  if (text !== rendered(entry, command))
    return unsound('stale', 'this version of the generator writes another text; publish it anew');
  const { batch, threads, median, copy } = provenance;
  return { kernel, target: readTarget(target), batch, threads, ratio: median / copy };
}

function rendered(entry: KernelEntry, command: string): string | undefined {
  try {
    return kernelText({ entry, ...renderKernel(entry) }, command);
  } catch {
    return undefined; // a name that this version does not know
  }
}

function winnerCase({ trial, measurement, copy }: Winner): Case {
  const { kernel, threads } = trial;
  const target = readTarget(trial.target);
  if (!currentSchedule(trial, target)) {
    const detail = 'this version of the generator writes another text; tune it anew';
    return { kernel, target: targetName(target), verdict: 'stale', detail, sound: null };
  }
  const ratio = copy && measurement.median / copy.median;
  return { kernel, target, batch: trialProblem(trial).batch, threads, ratio };
}

/** @param check of a library's files */
function report(name: string, findings: readonly Finding[], ui: Ui, check?: LibraryCheck): Outcome {
  const { missing = [], changed = [], extra = [] } = check ?? {};
  const notRun = findings.filter(({ sound }) => sound === null);
  const intact = (check?.ok ?? true) && findings.every(({ sound }) => sound !== false);
  const ok = intact && (notRun.length < findings.length || findings.length === 0);
  const files = [
    ...missing.map((path) => [path, 'missing']),
    ...changed.map((path) => [path, 'changed since it was published']),
    ...extra.map((path) => [path, 'not of the library']),
  ];
  const counts = { run: findings.length - notRun.length, notRun: notRun.length };
  return {
    document: {
      ...(check ? { folder: name } : { db: name }),
      ...{ ok, ...counts, missing, changed, extra, kernels: findings },
    },
    text: [
      ui.table(['kernel', 'verdict', '', 'to copy then', 'now'], findings.map(row)),
      ...(files.length > 0 ? [ui.table(['file', ''], files)] : []),
      conclusion(name, intact, findings, notRun),
    ].join('\n'),
    exit: ok ? 0 : 1,
  };
}

function row({ kernel, verdict, detail, ratios }: Finding): readonly string[] {
  const times = (ratio: number | null) => (ratio === null ? '-' : `${ratio.toFixed(2)} x`);
  return [kernel, verdict, detail, ...(ratios ? [times(ratios.recorded), times(ratios.now)] : ['', ''])];
}

/** The last line: it vouches for no kernel that was not run. */
function conclusion(
  name: string,
  intact: boolean,
  findings: readonly Finding[],
  notRun: readonly Finding[],
): string {
  const reasons = [...new Set(notRun.map(({ detail }) => detail))].join('; ');
  const left = `${notRun.length} of ${findings.length} kernels were not run: ${reasons}`;
  if (!intact) return `${name} is not sound${notRun.length > 0 ? `, and ${left}` : ''}`;
  if (findings.length === 0) return `${name} is as it should be, and has no kernels`;
  if (notRun.length === 0) return `${name} is sound`;
  return notRun.length < findings.length
    ? `${name} is sound as far as it was run; ${left}`
    : `${name} is not verified, though nothing in it is wrong as far as can be told; ${left}`;
}
