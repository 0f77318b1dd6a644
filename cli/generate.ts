import { join } from 'node:path';
import type { Command } from 'commander';
import picomatch from 'picomatch';
import { GENERAL_KERNEL, generalKernel } from '../generator/families/cpp_general.js';
import type { Problem } from '../generator/problem.js';
import type { Schedule } from '../generator/schedule.js';
import { source } from '../generator/source.js';
import { cpuTarget, parseTarget, type Target, targetName } from '../generator/target.js';
import { machine } from '../runtime/machine.js';
import { PRESET_NAMES, preset } from '../tuner/presets.js';
import { space } from '../tuner/space.js';
import { ensureFolder, writeAside } from './atomic.js';
import type { CliCommand, Outcome } from './command.js';
import { CliError } from './errors.js';
import { addProblemOptions, type ProblemOptions, problemFrom } from './problem_options.js';
import type { Ui } from './ui.js';

interface GenerateOptions extends ProblemOptions {
  readonly target: string;
  readonly out?: string;
  readonly list?: true;
  readonly filter?: string;
}

/** `oriented1d generate`: the kernels of a problem as text, or the list of all that could be. */
export const generate: CliCommand<GenerateOptions> = {
  define(command: Command): void {
    command.argument('[presets...]', `problems that go by one name: ${PRESET_NAMES.join(', ')}`);
    addProblemOptions(command);
    command
      .option('--target <target>', 'cpu, or cpu:avx512, cpu:avx2, cpu:plain', 'cpu')
      .option(
        '--out <dir>',
        'write the default kernel of each problem, and the general one, into this folder',
      )
      .option('--list', 'list every legal kernel, best guess first, and count those that were refused')
      .option('--filter <glob>', 'only kernels whose name matches, as *_t14_*')
      .addHelpText(
        'after',
        `\nExamples:\n  oriented1d generate --size 56x56 --kernel 31 --angles 0,45 --channels 64 --out kernels
  oriented1d generate table5 --list --filter '*k31*_t14_*'`,
      );
  },

  async run(options, ui, args) {
    const target = cpuOnly(options.target);
    const single = problemFrom(options);
    const problems = [...args.flatMap((name) => preset(name, options.batch)), ...(single ? [single] : [])];
    if (problems.length === 0)
      throw nothing('a preset or a problem', '--size 56x56 --kernel 31 --angles 0,45');
    const chosen = problems.map((problem) => listed(problem, target, options.filter));
    if (options.list) return list(chosen, target, ui);
    if (options.out === undefined) throw nothing('--out DIR or --list', '--out kernels');
    return write(chosen, options.out);
  },
};

interface Listed {
  readonly problem: Problem;
  readonly kernels: readonly Schedule[];
  /** Schedules refused, by rule. */
  readonly refused: Readonly<Record<string, number>>;
}

function listed(problem: Problem, target: Target, glob: string | undefined): Listed {
  const { candidates, refused } = space(problem, target);
  const kernels =
    glob === undefined ? candidates : candidates.filter(({ name }) => picomatch.isMatch(name, glob));
  return {
    problem,
    kernels,
    refused: Object.fromEntries([...refused].map(([rule, { count }]) => [rule, count])),
  };
}

function list(all: readonly Listed[], target: Target, ui: Ui): Outcome {
  const names = all.flatMap(({ kernels }) => kernels.map(({ name }) => name));
  const refused: Record<string, number> = {};
  for (const one of all)
    for (const [rule, count] of Object.entries(one.refused)) refused[rule] = (refused[rule] ?? 0) + count;
  ui.note(`${names.length} kernels on ${targetName(target)}; refused: ${counts(refused)}`);
  return { document: { target: targetName(target), kernels: names, refused }, text: names.join('\n') };
}

async function write(all: readonly Listed[], folder: string): Promise<Outcome> {
  ensureFolder(folder);
  const files: string[] = [];
  for (const { kernels } of all) {
    const kernel = kernels[0];
    if (!kernel) continue;
    files.push(join(folder, `${kernel.name}.cpp`));
    await writeAside(files.at(-1)!, Buffer.from(source(kernel).text));
  }
  files.push(join(folder, `${GENERAL_KERNEL}.cpp`));
  await writeAside(files.at(-1)!, Buffer.from(generalKernel()));
  return { document: { files }, text: files.join('\n') };
}

function counts(refused: Readonly<Record<string, number>>): string {
  const entries = Object.entries(refused).map(([rule, count]) => `${count} by ${rule}`);
  return entries.length > 0 ? entries.join(', ') : 'none';
}

function cpuOnly(text: string): Target {
  const target = parseTarget(text, cpuTarget(machine().isa));
  if (target.kind === 'cpu') return target;
  throw new CliError({
    code: 'target-unbuilt',
    value: text,
    rule: 'generating for CUDA is not built yet',
    remedy: 'use --target cpu',
  });
}

function nothing(what: string, example: string): CliError {
  return new CliError({
    code: 'nothing-asked',
    value: 'generate',
    rule: `it needs ${what}`,
    remedy: `add for example ${example}`,
  });
}
