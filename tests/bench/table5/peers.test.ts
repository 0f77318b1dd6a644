import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test, vi } from 'vitest';
import { openPeers, PEER_NAMES, PEERS } from '../../../bench/table5/peers.js';
import { packagePath } from '../../../generator/package.js';
import { putScript } from '../../support/fake_toolkit.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

afterEach(() => vi.unstubAllEnvs());

/** Makes $PYTHON one that says it has this version of PyTorch, and breaks down when it is asked. */
function python(version: string): void {
  const folder = temporaryFolder();
  putScript(folder, 'python', `if [ "$1" = -c ]; then echo ${version}; exit 0; fi\nread line; exit 1`);
  vi.stubEnv('PYTHON', join(folder, 'python'));
}

test('every peer says what it is, where and of what', () => {
  for (const name of PEER_NAMES) {
    const { about, devices, measures } = PEERS[name];
    expect(about).not.toBe('');
    expect(devices.length * measures.length).toBeGreaterThan(0);
  }
});

test('peers that are there have a process, others the way to get them', async () => {
  python('2.3.4');
  const opened = await openPeers(PEER_NAMES, 'cpu');
  expect(opened.map(({ name }) => name)).toEqual(PEER_NAMES);
  const [torch, compiled, cudnn, onnx] = opened;
  expect(torch).toMatchObject({ process: { version: '2.3.4' }, remedy: undefined });
  // It breaks down when it is to compile something small.
  expect(compiled).toMatchObject({
    process: undefined,
    remedy: expect.stringContaining('pip install "torch>=2"'),
  });
  expect(cudnn).toMatchObject({ process: undefined, remedy: 'it is no peer on a CPU' });
  if (!onnx!.process) expect(onnx!.remedy).toMatch(/^npm install onnxruntime-node/);
  for (const { process } of opened) process?.close();
});

test('a PyTorch that is too old does not compile', async () => {
  python('1.13.0a0');
  const [compiled] = await openPeers(['torch-compile'], 'cpu');
  expect(compiled).toMatchObject({ process: undefined, remedy: expect.stringContaining('torch>=2') });
});

/** An onnxruntime-node that computes nothing and keeps the model. */
const MODULE = `const { writeFileSync } = require('node:fs');
exports.Tensor = class { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } };
exports.InferenceSession = { create: async (model, options) => {
  writeFileSync(process.env.MODEL, model);
  return { run: async ({ x }, { y }) => writeFileSync(process.env.RUNS, JSON.stringify([options, x.dims, y.dims, x.data[0]]) + '\\n', { flag: 'a' }) };
} };
`;

test('onnxruntime-node gets a model of one convolution, and runs it on sets that take turns', async () => {
  const folder = temporaryFolder();
  const [module, model, runs] = ['ort.cjs', 'model', 'runs'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(module, MODULE);
  const child = spawn(process.execPath, [packagePath('bench', 'peers', 'onnx_conv.mjs'), module], {
    env: { ...process.env, MODEL: model, RUNS: runs },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return JSON.parse((await lines.next()).value);
  };
  const job = {
    ...{ op: 'fprop', batch: 2, channels: 300, height: 9, width: 8, kernel: 5, stride: 2, axis: 'vertical' },
    ...{ layout: 'nchw', device: 'cpu', threads: 3, sets: 2 },
  };
  expect(await ask(job)).toEqual({ job: 0 });
  expect(await ask({ job: 0, runs: 3 })).toEqual({ microseconds: expect.any(Number) });
  expect(await ask({ forget: true })).toEqual({ forgotten: 1 });
  expect(await ask(job)).toEqual({ job: 1 });
  child.stdin.end();
  const told = readFileSync(runs, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told).toHaveLength(3);
  expect(told[0].slice(0, 3)).toEqual([
    { intraOpNumThreads: 3, interOpNumThreads: 1, graphOptimizationLevel: 'all' },
    [2, 300, 9, 8],
    [2, 300, 5, 4],
  ]);
  expect(told[0]).toEqual(told[2]);
  expect(told[0][3]).not.toBe(told[1][3]);
  const bytes = readFileSync(model);
  for (const word of ['Conv', 'kernel_shape', 'strides', 'pads', 'group'])
    expect(bytes.includes(word)).toBe(true);
  // AttributeProto: name, then its integers (field 8), or one (field 3), then its type (field 20).
  expect(bytes.includes(Buffer.from([...Buffer.from('kernel_shape'), 0x40, 5, 0x40, 1]))).toBe(true);
  expect(bytes.includes(Buffer.from([...Buffer.from('pads'), 0x40, 2, 0x40, 0, 0x40, 2, 0x40, 0]))).toBe(
    true,
  );
  expect(bytes.includes(Buffer.from([...Buffer.from('group'), 0x18, 0xac, 0x02, 0xa0, 0x01, 2]))).toBe(true);
});
