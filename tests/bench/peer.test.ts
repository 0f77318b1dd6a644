import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test, vi } from 'vitest';
import { BenchError } from '../../bench/errors.js';
import { type TorchJob, TorchPeer } from '../../bench/peer.js';
import { packagePath } from '../../generator/package.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const JOB: TorchJob = {
  ...{ batch: 1, channels: 16, height: 9, width: 9, kernel: 3 },
  ...{ layout: 'nhwc', stride: 1, device: 'cpu', threads: 1, sets: 2 },
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
  const peer = await TorchPeer.open('cpu');
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
  const peer = (await TorchPeer.open('cpu'))!;
  const jobs = [await peer.setup(JOB), await peer.setup({ ...JOB, kernel: 5 })];
  expect(jobs).toEqual([0, 1]);
  expect([await peer.time(1, 2), await peer.time(0, 2)]).toEqual([11, 10]);
  peer.close();
});

test('PyTorch itself, where it is', async ({ skip }) => {
  const peer = await TorchPeer.open('cpu');
  if (!peer) return skip('no Python has PyTorch');
  const jobs = [await peer.setup(JOB), await peer.setup({ ...JOB, kernel: 5 })];
  for (const job of jobs) expect(await peer.time(job, 3)).toBeGreaterThan(0);
  peer.close();
});

/** The peer's own script under a PyTorch that computes nothing; a process of its own, as in a terminal. */
function script() {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'torch.py'),
    `import types
channels_last = contiguous_format = float32 = None
set_num_threads = set_grad_enabled = lambda _: None
randn = lambda *_, **__: types.SimpleNamespace(to=lambda **_: None)
conv2d = lambda *_, **__: None
nn = types.SimpleNamespace(functional=types.SimpleNamespace(conv2d=conv2d))
`,
  );
  const env = { ...process.env, PYTHONPATH: folder };
  const child = spawn('python3', [packagePath('bench', 'peers', 'torch_conv.py')], { env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return (await lines.next()).value;
  };
  const ended = new Promise<string>((done) =>
    child.once('close', (code, signal) => done(`${code ?? signal}`)),
  );
  return { child, ask, ended, stderr: text(child.stderr) };
}

const python3 = spawnSync('python3', ['-c', '']).status === 0;

test.skipIf(!python3)("Ctrl-C is not the peer's to answer", async () => {
  const { child, ask, ended, stderr } = script();
  expect(await ask(JOB)).toBe('{"job": 0}');
  child.kill('SIGINT');
  expect(await ask({ job: 0, runs: 2 })).toMatch(/microseconds/);
  child.stdin.end();
  expect([await ended, await stderr]).toEqual(['0', '']);
});

test.skipIf(!python3)('a peer whose answers nobody reads any more ends without a word', async () => {
  const { child, ask, ended, stderr } = script();
  await ask(JOB);
  child.stdout.destroy();
  child.stdin.write(`${JSON.stringify({ job: 0, runs: 1 })}\n`);
  expect([await ended, await stderr]).toEqual(['SIGPIPE', '']);
});
