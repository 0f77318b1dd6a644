import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../../generator/package.js';
import type { Schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import type { Isa } from '../../generator/target.js';
import { compilerFlags, findCompiler } from '../../runtime/compiler.js';
import { gradientCases } from './gradient_case.js';
import { temporaryFolder } from './temporary_folder.js';

/**
 * Compiles kernels and tests/support/gradient_main.cpp into one program and runs it.
 * @param added flags beside a kernel's own
 * @returns what the program printed: "all cases ran", or the first kernel that is not its definition
 */
export async function runGradients(
  kernels: readonly Schedule[],
  isa: Isa,
  added: readonly string[] = [],
): Promise<string> {
  const compiler = (await findCompiler())!;
  const folder = temporaryFolder();
  const [file, program] = ['main.cpp', 'main'].map((name) => join(folder, name)) as [string, string];
  const main = readFileSync(packagePath('tests', 'support', 'gradient_main.cpp'), 'utf8');
  writeFileSync(
    file,
    [main, ...kernels.map((kernel) => source(kernel).text), gradientCases(kernels)].join('\n'),
  );
  const flags = compilerFlags(compiler, isa).filter((flag) => !['-shared', '-fPIC'].includes(flag));
  const [command, ...args] = compiler.command;
  const headers = ['-I', packagePath('runtime', 'native')];
  execFileSync(command!, [...args, ...flags, ...added, ...headers, file, '-o', program], { stdio: 'pipe' });
  const { stdout, stderr } = spawnSync(program, { encoding: 'utf8' });
  return stdout + stderr;
}
