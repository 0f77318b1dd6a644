// Takes a folder's lock until it has had it so often, and looks whether it is alone while it has it: 0 if it was, 3 if
// not. Every second time it leaves the lock as a process that was killed leaves it. Arguments: the lock's module, the
// folder, how often.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

const [module, folder, count] = process.argv.slice(2);
const { locked } = await import(module);

const lock = join(dirname(folder), `.${basename(folder)}.lock`);
const { pid } = spawnSync('true');
const ofDead = JSON.stringify({ host: hostname(), pid, processStart: null });

for (let had = 0; had < Number(count); ) {
  try {
    locked(folder, alone);
    had++;
    if (had % 2 === 0) writeFileSync(lock, ofDead, { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'folder-locked' && error.code !== 'EEXIST') throw error;
  }
}

function alone() {
  try {
    writeFileSync(`${folder}.held`, '', { flag: 'wx' });
  } catch {
    process.exit(3);
  }
  const until = performance.now() + 0.5; // so that one that is not kept out meets it
  while (performance.now() < until);
  rmSync(`${folder}.held`);
}
