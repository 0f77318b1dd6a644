import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isAlive, thisProcess } from '../../generator/claimant.js';

const gone = () => spawnSync(process.execPath, ['--version']).pid;

describe('isAlive', () => {
  test('is true of this process', () => {
    const self = thisProcess();
    expect(self).toMatchObject({ host: hostname(), pid: process.pid });
    expect(isAlive(self)).toBe(true);
    expect(isAlive({ ...self, processStart: null })).toBe(true);
  });

  test('is false of one that has ended', () => {
    expect(isAlive({ host: hostname(), pid: gone(), processStart: null })).toBe(false);
  });

  test('is true of any on another host', () => {
    expect(isAlive({ host: `not ${hostname()}`, pid: gone(), processStart: '1' })).toBe(true);
  });

  test.runIf(process.platform === 'linux')('is false of a process that got the number of another', () => {
    const self = thisProcess();
    expect(self.processStart).toMatch(/^\d+$/);
    expect(isAlive({ ...self, processStart: `${Number(self.processStart) - 1}` })).toBe(false);
  });

  test.runIf(process.platform === 'linux')(
    'is false of one that is dead and not yet waited for',
    async () => {
      // The shell turns into a sleep, which never waits for the shell's child; the child ends only after that, as a
      // shell sometimes does wait.
      const child = '(until grep -q sleep /proc/$$/comm; do :; done)';
      const parent = spawn('sh', ['-c', `${child} & echo $!; exec sleep 60`]);
      onTestFinished(() => void parent.kill('SIGKILL'));
      const pid = Number(String((await once(parent.stdout, 'data'))[0]));
      const fields = () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
      while (fields()[0] !== 'Z') await sleep(5);
      expect(isAlive({ host: hostname(), pid, processStart: fields()[19]! })).toBe(false);
    },
  );
});
