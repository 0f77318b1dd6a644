import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { thisProcess } from '../../../generator/claimant.js';
import { LibraryError } from '../../../generator/library/errors.js';
import { locked } from '../../../generator/library/lock.js';
import { packagePath } from '../../../generator/package.js';
import { compiled } from '../../support/compiled.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const module = compiled('generator/library/lock.js');

let folder: string;
let lock: string;
beforeEach(() => {
  folder = join(temporaryFolder(), 'library');
  lock = join(dirname(folder), '.library.lock');
});

const holder = (pid: number, host = hostname()) => JSON.stringify({ host, pid, processStart: null });
const dead = () => spawnSync(process.execPath, ['--version']).pid;
const neighbours = () => readdirSync(dirname(folder));

describe('locked', () => {
  test('gives what its action gives, and leaves nothing behind, whatever happens', () => {
    expect(locked(folder, () => readFileSync(lock, 'utf8'))).toBe(JSON.stringify(thisProcess()));
    expect(neighbours()).toEqual([]);
    const failing = () => {
      throw new Error('no');
    };
    expect(() => locked(folder, failing)).toThrow('no');
    expect(neighbours()).toEqual([]);
  });

  test('refuses what another process has, and names it and the way out', () => {
    const other = spawn('sleep', ['60']);
    onTestFinished(() => void other.kill('SIGKILL'));
    writeFileSync(lock, holder(other.pid!));
    expect(() => locked(folder, () => 'done')).toThrow(LibraryError);
    expect(() => locked(folder, () => 'done')).toThrow(
      `'${folder}': process ${other.pid} on ${hostname()} is publishing into this folder; publish again when it is done; ` +
        `if there is no such process, remove ${lock}`,
    );
    expect(() => locked(folder, () => 'done')).toThrow(expect.objectContaining({ fault: 'system' }));
    expect(readFileSync(lock, 'utf8')).toBe(holder(other.pid!));
  });

  test('refuses what a process of another host has: nobody can tell whether it lives', () => {
    writeFileSync(lock, holder(dead(), 'elsewhere'));
    expect(() => locked(folder, () => 'done')).toThrow(/on elsewhere is publishing/);
  });

  test('takes over what a dead process left', () => {
    writeFileSync(lock, holder(dead()));
    expect(locked(folder, () => readFileSync(lock, 'utf8'))).toBe(JSON.stringify(thisProcess()));
    expect(neighbours()).toEqual([]);
  });

  test('waits for nobody to write a lock, but takes one that stays half-written', () => {
    writeFileSync(lock, '{"host":');
    expect(() => locked(folder, () => 'done')).toThrow(/another process is publishing/);
    utimesSync(lock, 0, 0);
    expect(locked(folder, () => 'done')).toBe('done');
  });

  test('says that a lock is being removed by another', () => {
    writeFileSync(lock, holder(dead()));
    writeFileSync(`${lock}.removal`, holder(process.pid));
    expect(() => locked(folder, () => 'done')).toThrow(/remove .*\.library\.lock\.removal$/);
  });
});

test('of many processes, some of which die with the lock, one has it at a time', {
  timeout: 60_000,
}, async () => {
  const script = packagePath('tests', 'support', 'lock_taker.mjs');
  const takers = Array.from({ length: 4 }, () => spawn(process.execPath, [script, module, folder, '200']));
  onTestFinished(() => {
    for (const taker of takers) taker.kill('SIGKILL');
  });
  const codes = await Promise.all(takers.map(async (taker) => (await once(taker, 'exit'))[0]));
  expect(codes).toEqual([0, 0, 0, 0]); // 3: it was not alone
  expect(existsSync(`${folder}.held`)).toBe(false);
});
