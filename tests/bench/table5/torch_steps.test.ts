import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { packagePath } from '../../../generator/package.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const JOB = {
  ...{ batch: 1, channels: 4, height: 9, width: 8, kernel: 3 },
  ...{ layout: 'nhwc', stride: 1, device: 'cpu', threads: 1, sets: 2 },
};

/** The script under a PyTorch that computes nothing, and writes down who is asked for a gradient. */
const TORCH = `import contextlib, itertools, json, os, types
channels_last, contiguous_format = "channels_last", "contiguous"
set_num_threads = set_grad_enabled = lambda _: None
enable_grad = contextlib.nullcontext
count = itertools.count()
def note(*told): print(json.dumps(told), file=open(os.environ["CALLS"], "a"))
class Tensor:
    def __init__(self, shape): self.name, self.shape, self.wants, self.grad = next(count), list(shape), False, "old"
    def to(self, memory_format): return self
    def detach(self):
        made = Tensor(self.shape); made.name = self.name; return made
    def requires_grad_(self): self.wants = True; return self
def randn(*shape, device): return Tensor(shape[0] if isinstance(shape[0], tuple) else shape)
class Result:
    def __init__(self, given): self.given = given
    def mean(self): return self
    def backward(self): note("backward", [[t.name, t.shape, t.wants, t.grad] for t in self.given])
def conv2d(x, weight, bias, stride, padding, groups):
    note("conv2d", stride, padding, groups); return Result([x, weight, bias])
def compile(plain): note("compile"); return plain
nn = types.SimpleNamespace(functional=types.SimpleNamespace(conv2d=conv2d))
`;

function script() {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'torch.py'), TORCH);
  const calls = join(folder, 'calls');
  const env = { ...process.env, PYTHONPATH: folder, CALLS: calls };
  const child = spawn('python3', [packagePath('bench', 'peers', 'torch_conv.py')], { env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return JSON.parse((await lines.next()).value);
  };
  const called = () =>
    readFileSync(calls, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { child, ask, called };
}

const python3 = spawnSync('python3', ['-c', '']).status === 0;

test.skipIf(!python3)(
  'a step asks for the gradients of weights and bias, a full one also for the input',
  async () => {
    const { child, ask, called } = script();
    for (const [op, wants] of [
      ['step', false],
      ['full', true],
    ] as const) {
      const { job } = await ask({ ...JOB, op });
      expect(await ask({ job, runs: 3 })).toEqual({ microseconds: expect.any(Number) });
      const [first, second, third] = called()
        .filter(([name]) => name === 'backward')
        .slice(-3)
        .map(([, given]) => given);
      const weights = [
        [expect.any(Number), [4, 1, 1, 3], true, null],
        [expect.any(Number), [4], true, null],
      ];
      const image = [expect.any(Number), [1, 4, 9, 8], wants, wants ? null : 'old'];
      for (const given of [first, second, third]) expect(given).toEqual([image, ...weights]);
      expect(first).toEqual(third);
      expect(first[0][0]).not.toBe(second[0][0]);
    }
    child.stdin.end();
  },
);

test.skipIf(!python3)(
  'a vertical convolution is padded above and below; compiled is what is asked to be',
  async () => {
    const { child, ask, called } = script();
    const { job } = await ask({ ...JOB, op: 'step', axis: 'vertical', compile: true });
    await ask({ job, runs: 1 });
    const calls = called();
    expect(calls.map(([name]) => name)).toEqual(['compile', 'conv2d', 'backward']);
    expect(calls[1]).toEqual(['conv2d', [1, 1], [1, 0], 4]);
    expect(calls[2][1][1][1]).toEqual([4, 1, 3, 1]);
    child.stdin.end();
  },
);

test.skipIf(!python3)('what is forgotten is no more, and numbers go on', async () => {
  const { child, ask } = script();
  await ask({ ...JOB, op: 'step' });
  await ask({ ...JOB, op: 'full' });
  expect(await ask({ forget: true })).toEqual({ forgotten: 2 });
  expect(await ask({ forget: true })).toEqual({ forgotten: 0 });
  expect(await ask({ ...JOB, op: 'step' })).toEqual({ job: 2 });
  child.stdin.end();
});
