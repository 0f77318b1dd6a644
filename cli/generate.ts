import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import picomatch from 'picomatch';
import { generalKernel } from '../generator/families/cpp_general.js';
import { CUDA_GENERAL_KERNELS, cudaGeneralKernel } from '../generator/families/cuda_general.js';
import { GENERAL_KERNELS, type GeneralOp } from '../generator/families/general_name.js';
import { family } from '../generator/families/registry.js';
import { headed } from '../generator/library/kernel_file.js';
import { layerName, splitKernelName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import type { Schedule } from '../generator/schedule.js';
import { source } from '../generator/source.js';
import { space } from '../generator/space.js';
import { cpuTarget, parseTarget, type Target, targetName } from '../generator/target.js';
import { machine } from '../runtime/machine.js';
import { PRESET_NAMES } from '../tuner/presets.js';
import { ensureFolder, writeAllAside } from './atomic.js';
import type { CliCommand, Outcome } from './command.js';
import { CliError } from './errors.js';
import { generalOps } from './general.js';
import {
  addProblemOptions,
  askedProblems,
  computedProblems,
  type ProblemOptions,
  problemFlags,
} from './problem_options.js';
import { assertCandidate } from './tunable.js';
import type { Ui } from './ui.js';
import { glob } from './values.js';
import { counted } from './words.js';

interface GenerateOptions extends ProblemOptions {
  readonly target: string;
  readonly out?: string;
  readonly list?: true;
  readonly filter?: string;
}

/** `oriented1d generate`: the kernels of a problem as text, or the list of all that could be. */
export const generate: CliCommand<GenerateOptions> = {
  define(command: Command): void {
    command.argument(
      '[presets...]',
      `problems that go by one name (${PRESET_NAMES.join(', ')}), or a file of problems, problems.json, whose own op and batch stay`,
    );
    addProblemOptions(command);
    command
      .option('--target <target>', 'cpu, cpu:avx512, cpu:avx2, cpu:plain, cuda (sm_90) or cuda:sm_NN', 'cpu')
      .option(
        '--out <dir>',
        'write the best guess for each problem, and the general kernels, into this folder',
      )
      .option('--list', 'list every legal kernel, best guess first, and count those that were refused')
      .addOption(new Option('--filter <glob>', 'only kernels whose name matches, as *_t14_*').argParser(glob))
      .addHelpText(
        'after',
        `\nExamples:\n  oriented1d generate --size 56x56 --kernel 31 --angles 0,45 --channels 64 --out kernels
  oriented1d generate table5 --list --filter '*k31*_t14_*'`,
      );
  },

  async run(options, ui, args) {
    const target = parseTarget(options.target, cpuTarget(machine().isa));
    const problems = computedProblems(
      askedProblems(options, args, (line) => ui.note(line)),
      ui,
    );
    if (problems.length === 0)
      throw nothing('a preset or a problem', '--size 56x56 --kernel 31 --angles 0,45');
    const { list: listing, out, filter } = options;
    const chosen = () => problems.map((problem) => listed(problem, target, filter));
    if (listing) return list({ chosen: chosen(), target, filter }, ui);
    if (out === undefined) throw nothing('--out DIR or --list', '--out kernels');
    for (const problem of problems) assertCandidate(problem, target);
    return write({ chosen: chosen(), target, filter }, out);
  },
};

interface Listed {
  readonly problem: Problem;
  /** Legal ones whose name matches. */
  readonly kernels: readonly Schedule[];
  /** Schedules refused, by rule. */
  readonly refused: Readonly<Record<string, number>>;
}

function listed(problem: Problem, target: Target, pattern: string | undefined): Listed {
  const { candidates, refused } = space(problem, target);
  const kernels =
    pattern === undefined ? candidates : candidates.filter(({ name }) => picomatch.isMatch(name, pattern));
  return { problem, kernels, refused: Object.fromEntries(refused) };
}

interface Asked {
  readonly chosen: readonly Listed[];
  readonly target: Target;
  readonly filter: string | undefined;
}

function list({ chosen, target }: Asked, ui: Ui): Outcome {
  const names = chosen.flatMap(({ kernels }) => kernels.map(({ name }) => name));
  const refused = refusals(chosen);
  ui.note(`${counted(names.length, 'kernel')} on ${targetName(target)}; refused: ${counts(refused)}`);
  return { document: { target: targetName(target), kernels: names, refused }, text: names.join('\n') };
}

/** @throws CliError if there is nothing to write */
async function write(asked: Asked, folder: string): Promise<Outcome> {
  const kernels = asked.chosen.flatMap((one) => one.kernels.slice(0, 1));
  if (kernels.length === 0) throw noMatch(asked);
  const texts = kernels.map((kernel) => [kernel.name, kernelFile(kernel)] as const);
  const general = new Set(kernels.flatMap(({ problem }) => generalOps(problem)));
  for (const op of general) texts.push(generalText(op, asked.target));
  const made = texts.map(([name, content]) => ({
    path: join(folder, `${name}.${EXTENSIONS[asked.target.kind]}`),
    content,
  }));
  ensureFolder(folder);
  for (const { path } of made) assertOwn(path);
  await writeAllAside(made);
  const files = made.map(({ path }) => path);
  return { document: { files }, text: files.join('\n') };
}

/** Every file that is written here names its command at its beginning. @throws CliError for another one's file */
function assertOwn(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  const [first, second = ''] = readFileSync(path, 'utf8').split('\n', 2);
  if (/^\/\/.*\boriented1d\b/.test(`${first} ${second}`)) return;
  throw new CliError({
    code: 'output-foreign',
    value: path,
    rule: 'was not written by oriented1d, and a kernel would be written over it',
    remedy: 'name another folder, or move the file',
  });
}

const EXTENSIONS = { cpu: 'cpp', cuda: 'cu' } as const;

/** The name and the text of an operation's kernel for every shape. */
function generalText(op: GeneralOp, { kind }: Target): readonly [name: string, text: string] {
  switch (kind) {
    case 'cpu':
      return [GENERAL_KERNELS[op], generalKernel(op)];
    case 'cuda':
      return [CUDA_GENERAL_KERNELS[op], cudaGeneralKernel(op)];
    default:
      return kind satisfies never;
  }
}

/** The kernel under a head; the command names it, so that it is this one that is written again. */
function kernelFile(kernel: Schedule): string {
  const { problem, target, name } = kernel;
  const { text, facts } = source(kernel);
  const where = `--target ${targetName(target)} --filter ${name} --out DIR`;
  const layer = layerName(problem);
  return headed(text, `oriented1d generate ${problemFlags(problem)} ${where}`, [
    ['layer', layer],
    ['schedule', splitKernelName(name).schedule],
    ['target', targetName(target)],
    ['template', family(kernel.family).template],
    ...Object.entries(facts),
  ]);
}

/** Of all problems together, by rule. */
function refusals(all: readonly Listed[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const { refused } of all)
    for (const [rule, count] of Object.entries(refused)) sum[rule] = (sum[rule] ?? 0) + count;
  return sum;
}

function counts(refused: Readonly<Record<string, number>>): string {
  const entries = Object.entries(refused).map(([rule, count]) => `${count} by ${rule}`);
  return entries.length > 0 ? entries.join(', ') : 'none';
}

function nothing(what: string, example: string): CliError {
  return new CliError({
    code: 'nothing-asked',
    value: 'generate',
    rule: `it needs ${what}`,
    remedy: `add for example ${example}`,
  });
}

function noMatch({ chosen, target, filter }: Asked): CliError {
  return new CliError({
    code: 'no-match',
    value: filter,
    rule: `no kernel on ${targetName(target)} is legal and has a name that matches the filter; refused: ${counts(refusals(chosen))}`,
    remedy: 'see --list',
  });
}
