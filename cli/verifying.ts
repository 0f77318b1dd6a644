import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLibrary, type LibraryCheck } from '../generator/library/check.js';
import type { KernelEntry } from '../generator/library/entry.js';
import { kernelText } from '../generator/library/kernel_file.js';
import { parseProblemName, problemName } from '../generator/name.js';
import { isasOf, readTarget } from '../generator/target.js';
import { compile, compilerFlags, findCompiler } from '../runtime/compiler.js';
import { DeviceError } from '../runtime/errors.js';
import { machine } from '../runtime/machine.js';
import { renderKernel } from '../tuner/harvest.js';
import type { Outcome as Trial } from '../tuner/outcome.js';
import { Laboratory } from '../tuner/trial/laboratory.js';
import type { Outcome } from './command.js';
import type { Ui } from './ui.js';

/** What was found of one kernel of a library. */
interface Finding {
  readonly kernel: string;
  readonly verdict: string;
  readonly detail: string;
  /** Null for a kernel that was not run, though its file is the right one: nothing is known of what it computes. */
  readonly sound: boolean | null;
}

/** Long enough to verify, too short to rank. */
const QUICK = { precision: 1, minSamples: 1, maxSamples: 1, budget: 1000 };

/**
 * Checks a published library: that its files are those that were published, that the generator still emits their text,
 * and that each kernel compiles and is right on this processor, in a process of its own. Kernels that do not run here
 * are said not to have been run; a library of which none was is not verified.
 * @throws LibraryError if the folder is no library
 */
export async function verifyLibrary(folder: string, ui: Ui): Promise<Outcome> {
  const check = checkLibrary(folder);
  const { kernels, command } = check.manifest;
  const progress = ui.progress('verifying', kernels.length);
  const findings: Finding[] = [];
  try {
    for (const entry of kernels) {
      findings.push(await verifyKernel(folder, entry, command));
      progress.step(entry.name);
    }
  } finally {
    progress.stop();
  }
  return report(check, findings, ui);
}

function report(check: LibraryCheck, findings: readonly Finding[], ui: Ui): Outcome {
  const { folder, missing, changed, extra } = check;
  const notRun = findings.filter(({ sound }) => sound === null);
  const intact = check.ok && findings.every(({ sound }) => sound !== false);
  const ok = intact && (notRun.length < findings.length || findings.length === 0);
  const files = [
    ...missing.map((path) => [path, 'missing']),
    ...changed.map((path) => [path, 'changed since it was published']),
    ...extra.map((path) => [path, 'not of the library']),
  ];
  const counts = { run: findings.length - notRun.length, notRun: notRun.length };
  return {
    document: { folder, ok, ...counts, missing, changed, extra, kernels: findings },
    text: [
      ui.table(
        ['kernel', 'verdict', ''],
        findings.map(({ kernel, verdict, detail }) => [kernel, verdict, detail]),
      ),
      ...(files.length > 0 ? [ui.table(['file', ''], files)] : []),
      conclusion(folder, intact, findings, notRun),
    ].join('\n'),
    exit: ok ? 0 : 1,
  };
}

/** The last line: it vouches for no kernel that was not run. */
function conclusion(
  folder: string,
  intact: boolean,
  findings: readonly Finding[],
  notRun: readonly Finding[],
): string {
  const reasons = [...new Set(notRun.map(({ detail }) => detail))].join('; ');
  const left = `${notRun.length} of ${findings.length} kernels were not run: ${reasons}`;
  if (!intact) return `${folder} is not sound${notRun.length > 0 ? `, and ${left}` : ''}`;
  if (findings.length === 0) return `${folder} has the files that were published, and no kernels`;
  if (notRun.length === 0) return `${folder} is sound`;
  return notRun.length < findings.length
    ? `${folder} is sound as far as it was run; ${left}`
    : `${folder} is not verified, though its files are those that were published; ${left}`;
}

async function verifyKernel(folder: string, entry: KernelEntry, command: string): Promise<Finding> {
  const { name: kernel, target } = entry;
  const finding = (verdict: string, detail: string, sound = false): Finding => ({
    kernel,
    verdict,
    detail,
    sound,
  });
  const notRun = (why: string): Finding => ({ kernel, verdict: 'not run', detail: why, sound: null });
  const text = await readFile(join(folder, entry.file), 'utf8').catch(() => undefined);
  if (text === undefined) return finding('missing', entry.file);
  if (text !== (await rendered(entry, command)))
    return finding('stale', 'this version of the generator writes another text; publish it anew');
  const asked = readTarget(target);
  if (asked.kind !== 'cpu' || !isasOf(machine().isa).includes(asked.isa))
    return notRun(`${target} does not run on this machine`);
  const compiler = await findCompiler();
  if (!compiler) return notRun('no C++ compiler: none of $CXX, g++, c++ and clang++ runs');
  const flags = compilerFlags(compiler, asked.isa);
  const built = await compile(compiler, { name: kernel, text, flags }).catch(refusedSource);
  if (built instanceof DeviceError) return finding('refused-by-compiler', built.rule);
  const problem = { ...parseProblemName(entry.layer), batch: 2 };
  const laboratory = new Laboratory({
    kind: 'setup',
    problem: problemName(problem),
    place: { kind: 'cpu', isa: asked.isa, threads: 2 },
    seed: 1,
  });
  try {
    const outcome = await laboratory.trial({ kernel, path: built }, QUICK);
    return finding(outcome.kind, describe(outcome), outcome.kind === 'ok');
  } finally {
    laboratory.close();
  }
}

/** One kernel that does not compile is a finding; a cache that cannot be written ends it all. */
function refusedSource(error: unknown): DeviceError {
  if (error instanceof DeviceError && error.code === 'compile') return error;
  throw error;
}

async function rendered(entry: KernelEntry, command: string): Promise<string | undefined> {
  try {
    return kernelText({ entry, ...renderKernel(entry) }, command);
  } catch {
    return undefined; // a name that this version does not know
  }
}

function describe(outcome: Trial): string {
  return outcome.kind === 'ok' ? `relative error ${outcome.relativeError.toExponential(1)}` : outcome.reason;
}
