import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test, vi } from 'vitest';
import { BenchError } from '../../bench/errors.js';
import { type TorchJob, TorchPeer } from '../../bench/peer.js';
import { packagePath } from '../../generator/package.js';
import { OPS } from '../../generator/problem.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const JOB: TorchJob = {
  ...{ op: 'fprop', batch: 1, channels: 16, height: 9, width: 9, kernel: 3 },
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
  for (const op of OPS) jobs.push(await peer.setup({ ...JOB, op, stride: 2 }));
  for (const job of jobs) expect(await peer.time(job, 3)).toBeGreaterThan(0);
  peer.close();
});

/**
 * The peer's own script under a PyTorch that computes nothing, in a process of its own, as in a terminal. In place of numbers
 * a tensor has its shape and its place among all; of each call PyTorch notes what it was given.
 */
function script() {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'torch.py'),
    `import itertools, json, os, types
channels_last, contiguous_format, float32 = "channels_last", "contiguous", None
set_num_threads = set_grad_enabled = lambda _: None
count = itertools.count()
class Tensor:
    def __init__(self, shape): self.told = [next(count), list(shape)]
    def to(self, memory_format): self.told.append(memory_format); return self
def randn(*shape, device): return Tensor(shape[0] if isinstance(shape[0], tuple) else shape)
def noting(name):
    def note(*args, **named):
        told = json.dumps([name, *args, named], default=lambda tensor: tensor.told)
        print(told, file=open(os.environ["CALLS"], "a"))
    return note
nn = types.SimpleNamespace(functional=types.SimpleNamespace(conv2d=noting("conv2d")))
ops = types.SimpleNamespace(aten=types.SimpleNamespace(convolution_backward=noting("convolution_backward")))
`,
  );
  const calls = join(folder, 'calls');
  const env = { ...process.env, PYTHONPATH: folder, CALLS: calls };
  const child = spawn('python3', [packagePath('bench', 'peers', 'torch_conv.py')], { env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return (await lines.next()).value;
  };
  const ended = new Promise<string>((done) =>
    child.once('close', (code, signal) => done(`${code ?? signal}`)),
  );
  const called = () =>
    readFileSync(calls, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { child, ask, ended, called, stderr: text(child.stderr) };
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

test.skipIf(!python3)(
  'fprop is conv2d, its gradients are what autograd calls, on sets that take turns',
  async () => {
    const { child, ask, called, ended } = script();
    const job = { ...JOB, layout: 'nchw', height: 9, width: 8, stride: 2, channels: 4 };
    const runs = async (op: string) => {
      const { job: number } = JSON.parse(await ask({ ...job, op }));
      await ask({ job: number, runs: 3 });
      return called().slice(-3);
    };
    const [x, dy] = [
      [1, 4, 9, 8],
      [1, 4, 5, 4],
    ];
    const tensor = (shape: unknown) => [expect.any(Number), shape, 'contiguous'];
    const weight = [expect.any(Number), [4, 1, 1, 3]];
    const fprop = await runs('fprop');
    const how = { stride: [2, 2], padding: [0, 1], groups: 4 };
    for (const call of fprop)
      expect(call).toEqual(['conv2d', tensor(x), weight, [expect.any(Number), [4]], how]);
    expect(fprop[0]).toEqual(fprop[2]);
    expect(fprop[0][1]).not.toEqual(fprop[1][1]);
    for (const [op, mask] of [
      ['dgrad', [true, false, false]],
      ['wgrad', [false, true, true]],
      ['backward', [true, true, true]],
    ] as const) {
      const calls = await runs(op);
      const rest = [[4], [2, 2], [0, 1], [1, 1], false, [0, 0], 4, mask, {}];
      for (const call of calls)
        expect(call).toEqual(['convolution_backward', tensor(dy), tensor(x), weight, ...rest]);
      expect(calls[0]).toEqual(calls[2]);
      for (const tensor of [1, 2]) expect(calls[0][tensor]).not.toEqual(calls[1][tensor]);
    }
    child.stdin.end();
    expect(await ended).toBe('0');
  },
);
