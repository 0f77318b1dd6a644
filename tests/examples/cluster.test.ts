import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it, test } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const example = (...path: string[]) => packagePath('examples', ...path);
const SCRIPTS = ['slurm/tune.sbatch', 'slurm/merge.sbatch', 'kubernetes/tune.sh', 'kubernetes/merge.sh'];

/** Writes down how it was called; a `tune` that is to wait does so until SIGTERM ends it. */
const ORIENTED1D = `#!/bin/bash
if [ "$1" = tune ] && [ -n "$WAITS" ]; then trap 'echo ended >> calls; exit 1' TERM; fi
echo "$*" >> calls
case $1 in
  tune) while [ -n "$WAITS" ]; do sleep 0.05; done; exit "\${STATUS:-0}" ;;
  library) if [ "$2" = export ]; then touch "$3"; fi ;;
esac
`;

/** A folder in which \`npm install oriented1d\` has been done, as it were. */
function installed(): string {
  const folder = temporaryFolder();
  for (const [name, text] of [
    ['node_modules/.bin/oriented1d', ORIENTED1D],
    ['bin/srun', '#!/bin/bash\nexec "$@"\n'],
  ] as const) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }
  mkdirSync(join(folder, 'results'));
  return folder;
}

const SLURM = { SLURM_ARRAY_TASK_ID: '2', SLURM_ARRAY_TASK_COUNT: '4' };
const POD = { JOB_COMPLETION_INDEX: '1', SHARES: '4', PROBLEMS: 'tiny:1d', BATCH: '64', BUDGET: '1h' };
const TUNING = [
  ['slurm/tune.sbatch', SLURM],
  ['kubernetes/tune.sh', POD],
] as const;

function environment(folder: string, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH: `${join(folder, 'bin')}:${PATH}`, RESULTS: join(folder, 'results'), ...more };
}

/** How a script called oriented1d, its folder of temporary files left out. */
function calls(folder: string): readonly string[] {
  const text = readFileSync(join(folder, 'calls'), 'utf8').trimEnd();
  return text.split('\n').map((line) => line.replaceAll(folder, '.').replaceAll(/--db \S+/g, '--db DB'));
}

async function run(script: string, folder: string, more: Readonly<Record<string, string>>): Promise<number> {
  const options = { cwd: folder, env: environment(folder, more) };
  return promisify(execFile)('bash', [example(script)], options).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}

test.each(SCRIPTS)('%s is sound for bash', async (script) => {
  await promisify(execFile)('bash', ['-n', example(script)]);
});

it.each(TUNING)('%s tunes its share and exports what it found', async (script, given) => {
  const folder = installed();
  expect(await run(script, folder, given)).toBe(0);
  expect(calls(folder)).toEqual([
    'tune tiny:1d --target cuda --batch 64 --budget 1h --shard 2/4 --db DB',
    'library export ./results/share-2.json --db DB',
  ]);
});

it.each(TUNING)('%s goes on where it was, and says so when it was cut short again', async (script, given) => {
  const folder = installed();
  writeFileSync(join(folder, 'results', 'share-2.json'), '');
  expect(await run(script, folder, { ...given, STATUS: '1' })).toBe(1);
  expect(calls(folder).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'library import',
    'tune tiny:1d',
    'library export',
  ]);
});

it('a pod that is to go ends the tuning first, and then exports', async () => {
  const folder = installed();
  const child = spawn('bash', [example('kubernetes/tune.sh')], {
    cwd: folder,
    env: environment(folder, { ...POD, WAITS: 'yes' }),
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (!existsSync(join(folder, 'calls'))) await pause(20);
  child.kill('SIGTERM');
  expect(await ended).toBe(1);
  expect(calls(folder).slice(1)).toEqual(['ended', 'library export ./results/share-2.json --db DB']);
});

it('SHARES says of how many a few tasks are a part', async () => {
  const folder = installed();
  expect(await run('slurm/tune.sbatch', folder, { ...SLURM, SLURM_ARRAY_TASK_COUNT: '1', SHARES: '8' })).toBe(
    0,
  );
  expect(calls(folder)[0]).toContain('--shard 2/8');
});

it.each(['slurm/merge.sbatch', 'kubernetes/merge.sh'])(
  '%s imports every share and publishes',
  async (script) => {
    const folder = installed();
    for (const i of [1, 2, 3]) writeFileSync(join(folder, 'results', `share-${i}.json`), '');
    expect(await run(script, folder, {})).toBe(0);
    expect(calls(folder)).toEqual([
      'library import ./results/share-1.json ./results/share-2.json ./results/share-3.json --db DB',
      'library export ./results/all.json --db DB',
      'library publish --out ./results/kernels --db DB',
    ]);
  },
);

test('a job has as many pods as there are shares, and runs the scripts that are there', () => {
  const tune = readFileSync(example('kubernetes', 'tune.yaml'), 'utf8');
  const found = (pattern: RegExp) => pattern.exec(tune)?.[1];
  expect(found(/completionMode: (\w+)/)).toBe('Indexed');
  expect(found(/completions: (\d+)/)).toBe(found(/name: SHARES, value: '(\d+)'/));
  const files = readdirSync(example('kubernetes'));
  for (const name of ['tune', 'merge']) {
    const text = readFileSync(example('kubernetes', `${name}.yaml`), 'utf8');
    expect(text).not.toContain('\t');
    expect(files).toContain(/\/scripts\/(\w+\.sh)/.exec(text)?.[1]);
  }
});
