import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { BenchError } from '../../bench/errors.js';
import { type TorchJob, TorchPeer } from '../../bench/peer.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const JOB: TorchJob = {
  ...{ batch: 1, channels: 16, height: 9, width: 9, kernel: 3 },
  ...{ layout: 'nhwc', threads: 1, sets: 2 },
};

/** Makes $PYTHON a program that says it has PyTorch, and then does this instead of timing it. */
function python(does: string): void {
  const file = join(temporaryFolder(), 'python');
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = -c ]; then echo 9.9; exit 0; fi\n${does}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PYTHON', file);
}

afterEach(() => vi.unstubAllEnvs());

const broken = { code: 'peer-broken', fault: 'system', remedy: expect.stringContaining('--peers none') };

test.each([
  ['ends at once', 'exec 0<&-; exit 3', /ended without an answer/],
  ['ends when it is asked', 'read line; exit 1', /ended without an answer/],
  ['answers nonsense', 'read line; echo Warning', /it answered Warning/],
  ['answers something else', `read line; echo '{"ready": true}'`, /it answered {"ready"/],
])('a peer that %s is an error with a way out', async (_, does, rule) => {
  python(does);
  const peer = await TorchPeer.open();
  expect(peer?.version).toBe('9.9');
  for (let i = 0; i < 2; i++) {
    const error = await peer!.setup(JOB).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BenchError);
    expect(error).toMatchObject(broken);
    if (i === 0) expect((error as BenchError).rule).toMatch(rule);
    await new Promise((resolve) => setTimeout(resolve, 50)); // the broken pipe shows a little later
  }
  peer!.close();
});

test('jobs are told apart by the numbers that the peer gives them', async () => {
  python(`n=0
while read line; do
  case "$line" in
    *runs*) job=\${line#*job\\":}; echo "{\\"microseconds\\": 1\${job%%,*}}" ;;
    *) echo "{\\"job\\": $n}"; n=$((n + 1)) ;;
  esac
done`);
  const peer = (await TorchPeer.open())!;
  const jobs = [await peer.setup(JOB), await peer.setup({ ...JOB, kernel: 5 })];
  expect(jobs).toEqual([0, 1]);
  expect([await peer.time(1, 2), await peer.time(0, 2)]).toEqual([11, 10]);
  peer.close();
});

test('PyTorch itself, where it is', async ({ skip }) => {
  const peer = await TorchPeer.open();
  if (!peer) return skip('no Python has PyTorch');
  const jobs = [await peer.setup(JOB), await peer.setup({ ...JOB, kernel: 5 })];
  for (const job of jobs) expect(await peer.time(job, 3)).toBeGreaterThan(0);
  peer.close();
});
