import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { packagePath } from '../../generator/package.js';

/** A project of its own, with the package in node_modules as npm would have put it there. */
export interface InstalledPackage {
  /** The project's folder. */
  readonly project: string;
  /** Paths in the tarball. */
  readonly files: readonly string[];
}

/** Published kernels of GPUs, which take most of the time to pack, and which no program here runs. */
const OF_GPUS = /\/generated\/kernels\/.*\.(cu|gz)$/;

interface PackageJson {
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Compiles the package aside, packs it with npm, without kernels of GPUs, and unpacks the tarball into a new project. Nothing is downloaded and no
 * script runs: the dependencies that package.json names are linked, and so is the addon that was built in place.
 * @param root an empty folder that takes all of it
 * @param imports the project's own, as its package.json has them
 */
export function installPackage(root: string, imports: object): InstalledPackage {
  const { files, dependencies } = JSON.parse(
    readFileSync(packagePath('package.json'), 'utf8'),
  ) as PackageJson;
  const tarball = pack(join(root, 'package'), files);
  const project = join(root, 'project');
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'oriented1d'), { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', imports }));
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, 'oriented1d')]);
  for (const name of [...Object.keys(dependencies), '@types/node'])
    link(packagePath('node_modules', name), join(modules, name));
  link(packagePath('build'), join(modules, 'oriented1d', 'build'));
  return { project, files: listing(tarball) };
}

/** Runs the compiler that the package itself is compiled with. @throws Error with its diagnostics */
export function compileTypeScript(config: string, ...options: readonly string[]): void {
  run(packagePath('node_modules', '.bin', 'tsc'), ['-p', config, ...options], dirname(config));
}

/** Runs a program and gives what it printed. @throws Error with all that it printed, if it fails */
export function run(
  program: string,
  options: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): string {
  try {
    return execFileSync(program, options, {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, ...env },
    });
  } catch (cause) {
    const { stdout, stderr } = cause as { stdout: string | null; stderr: string };
    if (stdout === null) throw cause; // it did not even start
    throw new Error(`${program} ${options.join(' ')} failed:\n${stdout}${stderr}`, { cause });
  }
}

function pack(folder: string, files: readonly string[]): string {
  mkdirSync(folder);
  for (const path of ['package.json', ...files])
    if (path !== 'dist' && existsSync(packagePath(path)))
      cpSync(packagePath(path), join(folder, path), {
        recursive: true,
        filter: (file) => !OF_GPUS.test(file),
      });
  // Its types were checked before the tests.
  compileTypeScript(packagePath('tsconfig.build.json'), '--outDir', join(folder, 'dist'), '--noCheck');
  const options = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(run('npm', options, folder)) as [{ filename: string }];
  return join(folder, packed.filename);
}

function listing(tarball: string): readonly string[] {
  const paths = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  return paths.map((path) => path.replace(/^package\//, ''));
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(realpathSync(target), path);
}
