import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { publishWinners, refreshLibrary } from '../../cli/publishing.js';
import { thisProcess } from '../../generator/claimant.js';
import { checkLibrary } from '../../generator/library/check.js';
import { MANIFEST, readManifest } from '../../generator/library/manifest.js';
import { filesBelow } from '../../generator/library/replace.js';
import { layerName } from '../../generator/name.js';
import * as compiling from '../../runtime/cuda/compiler.js';
import { machine } from '../../runtime/machine.js';
import { openStore } from '../../tuner/store/store.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import type { Tuned } from '../support/tuned.js';
import { smallLayer, tuned } from '../support/tuned.js';

vi.mock(import('../../runtime/cuda/compiler.js'), async (original) => ({
  ...(await original()),
  findCudaCompiler: vi.fn(),
  compileCuda: vi.fn(),
}));

const H100 = 'NVIDIA H100 80GB HBM3';
const CPU: Tuned = { problem: smallLayer(14), target: 'cpu:plain', machine: machine().name };
const GPU: Tuned = { problem: smallLayer(14), target: 'cuda:sm_90', machine: H100 };
const CUBIN = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0x80]);

/** A database with a final of each. */
function database(...all: readonly Tuned[]): string {
  const path = join(temporaryFolder(), 'trials.db');
  const store = openStore(path);
  for (const one of all) tuned(store, one);
  store.close();
  return path;
}

const newFolder = () => join(temporaryFolder(), 'library');
const targets = (folder: string) => readManifest(folder).kernels.map(({ target }) => target);
const snapshot = (folder: string) =>
  filesBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'latin1')]);

beforeEach(() => {
  const folder = temporaryFolder();
  vi.mocked(compiling.findCudaCompiler).mockResolvedValue({ kind: 'nvcc', version: '13.0.88', path: 'nvcc' });
  vi.mocked(compiling.compileCuda).mockReset();
  vi.mocked(compiling.compileCuda).mockImplementation(async () => {
    writeFileSync(join(folder, 'cubin'), CUBIN);
    return join(folder, 'cubin');
  });
});

test('what tune --out publishes, which is all that a database has, is said where it is offered', async () => {
  const { stdout } = await cli('tune', '--help');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    '--out <dir> publish a library into this folder: all winners of the database, those of earlier tunings, too',
  );
  const folder = newFolder();
  const earlier: Tuned = { ...CPU, problem: smallLayer(28) };
  const line = ['tune', '--size', '14x14', '--kernel', '7', '--angles', '0', '--target', 'cpu:plain'];
  const run = await cli(...line, '--db', database(CPU, earlier), '--out', folder, '--budget', '0.1s');
  expect(run.exit).toBe(0);
  const layers = readManifest(folder).kernels.map(({ layer }) => layer);
  expect(layers).toEqual(expect.arrayContaining([layerName(CPU.problem), layerName(earlier.problem)]));
});

describe('publishWinners', () => {
  test('gives the kernels of a GPU their images, compiled for what they were tuned for', async () => {
    const folder = newFolder();
    const done = await publishWinners(database(CPU, GPU), folder);
    expect(done).toEqual({
      ...{ folder, kernels: 2 },
      notes: [
        expect.stringMatching(/^1 kernel published though stale: compiled by a compiler, and here is /),
        '1 kernel published though stale: compiled with other flags',
      ],
    });
    const [cpu, gpu] = readManifest(folder).kernels;
    expect(cpu).not.toHaveProperty('image');
    expect(gpu!.image).toMatchObject({ compiler: 'nvcc 13.0.88', sourceHash: gpu!.sourceHash });
    expect(Uint8Array.from(gunzipSync(readFileSync(join(folder, gpu!.image!.file))))).toEqual(CUBIN);
    expect(compiling.compileCuda).toHaveBeenCalledOnce();
    expect(vi.mocked(compiling.compileCuda).mock.calls[0]![1]).toMatchObject({
      arch: 'sm_90',
      name: gpu!.name,
    });
  });

  test('publishes without images where there is no CUDA compiler, and says so', async () => {
    vi.mocked(compiling.findCudaCompiler).mockResolvedValue(undefined);
    const folder = newFolder();
    const { notes } = await publishWinners(database(GPU), folder);
    expect(notes).toEqual([expect.stringMatching(/^1 CUDA kernel without an image/)]);
    expect(readManifest(folder).kernels[0]).not.toHaveProperty('image');
  });

  test('does not look for a CUDA compiler for kernels of a processor', async () => {
    await publishWinners(database(CPU), newFolder());
    expect(compiling.compileCuda).not.toHaveBeenCalled();
  });

  test('keeps kernels of layers that the database has no finals for, and replaces those that it has', async () => {
    const folder = newFolder();
    const other = { ...GPU, problem: smallLayer(28) };
    await publishWinners(database(CPU, GPU), folder);
    const before = readManifest(folder).kernels;
    const { notes, kernels } = await publishWinners(database(GPU, other), folder);
    expect(kernels).toBe(3);
    expect(notes).toEqual(['1 kernel for cpu:plain as before: the database has no finals for them']);
    const [cpu, ...gpus] = readManifest(folder).kernels;
    expect(cpu).toEqual(before[0]);
    expect(gpus.map(({ layer }) => /14x14|28x28/.exec(layer)![0]).toSorted()).toEqual(['14x14', '28x28']);
    const more = await publishWinners(database(CPU), folder);
    expect(more.notes).toContain('2 kernels for cuda:sm_90 as before: the database has no finals for them');
    expect(checkLibrary(folder)).toMatchObject({ ok: true, extra: [] });
  });

  test('makes no image again that this compiler has made of this source', async () => {
    const folder = newFolder();
    const db = database(GPU);
    await publishWinners(db, folder);
    const before = snapshot(folder);
    vi.mocked(compiling.compileCuda).mockRejectedValue(new Error('made again'));
    await publishWinners(db, folder);
    expect(snapshot(folder)).toEqual(before);
    vi.mocked(compiling.findCudaCompiler).mockResolvedValue({ kind: 'nvcc', version: '13.1', path: 'nvcc' });
    await expect(publishWinners(db, folder)).rejects.toThrow('made again');
  });

  test('keeps images that it cannot make', async () => {
    const folder = newFolder();
    await publishWinners(database(GPU), folder);
    vi.mocked(compiling.findCudaCompiler).mockResolvedValue(undefined);
    await publishWinners(database(CPU), folder);
    expect(targets(folder)).toEqual(['cpu:plain', 'cuda:sm_90']);
    expect(checkLibrary(folder).ok).toBe(true);
    const before = snapshot(folder);
    await refreshLibrary(folder);
    expect(snapshot(folder)).toEqual(before);
    const images = () => readManifest(folder).kernels.map(({ image }) => image);
    const standing = images();
    const { notes } = await publishWinners(database(GPU), folder); // the same source, measured again
    expect(notes).toEqual([expect.stringContaining('1 kernel for cpu:plain as before')]);
    expect(images()).toEqual(standing);
    expect(checkLibrary(folder).ok).toBe(true);
  });

  test('takes no image along of another source', async () => {
    const folder = newFolder();
    await publishWinners(database(GPU), folder);
    const manifest = readManifest(folder);
    const sourceHash = '0'.repeat(64);
    const kernels = manifest.kernels.map((one) => ({
      ...one,
      sourceHash,
      image: { ...one.image, sourceHash },
    }));
    writeFileSync(join(folder, MANIFEST), JSON.stringify({ ...manifest, kernels }));
    vi.mocked(compiling.findCudaCompiler).mockResolvedValue(undefined);
    await publishWinners(database(GPU), folder);
    expect(readManifest(folder).kernels[0]).not.toHaveProperty('image');
  });

  test('waits for another process that publishes', async () => {
    const folder = newFolder();
    await publishWinners(database(CPU), folder);
    const lock = join(dirname(folder), '.library.lock');
    writeFileSync(lock, JSON.stringify({ ...thisProcess(), processStart: null }));
    const published = publishWinners(database(GPU), folder);
    const isEarly = await Promise.race([published.then(() => true), pause(300, false)]);
    expect([isEarly, targets(folder)]).toEqual([false, ['cpu:plain']]);
    rmSync(lock);
    expect(await published).toMatchObject({ kernels: 2 });
    expect(targets(folder)).toEqual(['cpu:plain', 'cuda:sm_90']);
  });

  test('keeps what a publication that was cut short has left beside the folder', async () => {
    const folder = newFolder();
    await publishWinners(database(CPU), folder);
    renameSync(folder, join(dirname(folder), '.library.old'));
    await publishWinners(database(GPU), folder);
    expect(targets(folder)).toEqual(['cpu:plain', 'cuda:sm_90']);
  });

  test('does not take a damaged image along, and leaves the library as it was', async () => {
    const folder = newFolder();
    await publishWinners(database(GPU), folder);
    truncateSync(join(folder, readManifest(folder).kernels[0]!.image!.file), 3);
    const before = snapshot(folder);
    await expect(publishWinners(database(CPU), folder)).rejects.toMatchObject({ code: 'image-damaged' });
    expect(snapshot(folder)).toEqual(before);
    await publishWinners(database(GPU), folder); // made anew
    expect(checkLibrary(folder).ok).toBe(true);
  });

  test('names the machines whose finals it leaves out', async () => {
    const later = { ...GPU, machine: 'NVIDIA H200', problem: smallLayer(28) };
    const db = database(GPU);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2100, 0, 1));
    const store = openStore(db);
    tuned(store, later);
    store.close();
    clock.mockRestore();
    const { notes } = await publishWinners(db, newFolder());
    expect(notes).toEqual([
      `finals of ${H100} for cuda:sm_90 were left out: a target's kernels come from one machine`,
    ]);
  });

  test('refuses a database without a winner', async () => {
    const elsewhere = database({ ...CPU, machine: 'Another CPU' });
    await expect(publishWinners(elsewhere, newFolder())).rejects.toMatchObject({ code: 'no-winner' });
  });
});
