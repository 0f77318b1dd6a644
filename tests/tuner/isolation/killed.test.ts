import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Candidate } from '../../../tuner/candidate.js';
import { openStore } from '../../../tuner/store/store.js';
import {
  brokenRig,
  chosen,
  expectTrueRecord,
  INJURED,
  kernelThat,
  LAYER,
  soundKernelThat,
  tuneAll,
} from '../../support/injured.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

/** Kills, from here, every process that leaves its number in a folder; says how many it has killed. */
function killer(folder: string): () => number {
  let killed = 0;
  const timer = setInterval(() => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.pid'))) {
      const pid = Number(readFileSync(join(folder, file), 'utf8'));
      if (!pid) continue; // it is being written
      rmSync(join(folder, file));
      process.kill(pid, 'SIGKILL');
      killed++;
    }
  }, 5);
  onTestFinished(() => clearInterval(timer));
  return () => killed;
}

/** Statements of a kernel that says who it is and waits to be killed. */
function waiting(folder: string, kernel: string): string {
  return `
    std::FILE* file = std::fopen("${join(folder, kernel)}.pid", "w");
    std::fprintf(file, "%d", static_cast<int>(getpid()));
    std::fclose(file);
    for (;;) pause();`;
}

/** Waits only if no process has done so for this candidate. */
function waitingOnce(folder: string, made: Candidate): string {
  const mark = `"${join(folder, made.kernel)}.tried"`;
  const run = `if (access(${mark}, F_OK) == 0) return sound.run(call);
    std::fclose(std::fopen(${mark}, "w")); ${waiting(folder, made.kernel)}`;
  return `${INCLUDES}${soundKernelThat(run, made)}`;
}

const INCLUDES = '#include <cstdio>\n#include <unistd.h>\n';

test('of 20 kills of a worker, one loses no kernel and two are a crash, which says how', async () => {
  const folder = temporaryFolder();
  const names = [...chosen(LAYER).injured];
  const injured = new Set(names.slice(0, 4));
  const once = new Set(names.slice(4));
  const killed = killer(folder);
  const rig = await brokenRig((made) => {
    if (once.has(made.kernel)) return waitingOnce(folder, made);
    return injured.has(made.kernel)
      ? `${INCLUDES}${kernelThat(waiting(folder, made.kernel), made)}`
      : undefined;
  });
  const store = openStore(join(temporaryFolder(), 'trials.db'));
  await tuneAll(store, [rig]);
  expect(injured.size + once.size).toBe(INJURED);
  expect(killed()).toBe(2 * injured.size + once.size);
  await expectTrueRecord(store, LAYER, { injured, verdict: 'crashed', reason: /^ended by SIGKILL$/ });
  store.close();
});
