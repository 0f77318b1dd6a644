import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { layerName } from '../../generator/name.js';
import { source } from '../../generator/source.js';
import { harvest, renderKernel } from '../../tuner/harvest.js';
import type { Store } from '../../tuner/store/store.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { storeOf, type TestWorld, testWorld } from '../support/trials.js';
import { smallLayer, tuned } from '../support/tuned.js';

const CPU = 'A CPU at 2 GHz';
const H100 = 'NVIDIA H100 80GB HBM3';
const H200 = 'NVIDIA H200';
const layer = smallLayer(14);

let store: Store;
let world: TestWorld;

beforeEach(() => {
  world = testWorld();
  store = storeOf(join(temporaryFolder(), 'trials.db'), world, 1);
  onTestFinished(() => store.close());
});

const harvested = () => harvest(store, { machine: CPU });
const origins = () =>
  harvested()
    .kernels.map(({ entry }) => [entry.target, entry.provenance.machine])
    .sort();

describe('harvest', () => {
  test("takes this processor's kernels and a GPU's, which say how they are launched", () => {
    const cpu = tuned(store, { problem: layer, target: 'cpu:avx2', machine: CPU, threads: 2 });
    const gpu = tuned(store, { problem: layer, target: 'cuda:sm_90', machine: H100 });
    const { kernels, passedOver } = harvested();
    expect(passedOver).toEqual([]);
    expect(kernels).toMatchObject([
      { entry: { name: cpu.name, target: 'cpu:avx2', provenance: { machine: CPU, threads: 2 } } },
      {
        entry: {
          name: gpu.name,
          layer: layerName(layer),
          target: 'cuda:sm_90',
          provenance: { machine: H100, threads: 1, median: 10, default: 20, copy: 5, trials: 2 },
        },
        template: expect.stringMatching(/^cuda\//),
        source: source(gpu).text,
        launch: source(gpu).launch,
      },
    ]);
    expect(kernels[0]).not.toHaveProperty('launch');
  });

  test("leaves out another processor's finals, and says so", () => {
    tuned(store, { problem: layer, target: 'cpu:avx2', machine: 'Another CPU' });
    expect(harvested()).toEqual({
      kernels: [],
      passedOver: [{ machine: 'Another CPU', target: 'cpu:avx2' }],
    });
  });

  test("takes a target's kernels from one GPU, that of the latest final", () => {
    tuned(store, { problem: layer, target: 'cuda:sm_90', machine: H100, time: 1 });
    tuned(store, { problem: layer, target: 'cuda:sm_80', machine: 'NVIDIA A100' });
    world.now += 1000;
    tuned(store, { problem: smallLayer(28), target: 'cuda:sm_90', machine: H200 });
    expect(origins()).toEqual([
      ['cuda:sm_80', 'NVIDIA A100'],
      ['cuda:sm_90', H200],
    ]);
    expect(harvested().passedOver).toEqual([{ machine: H100, target: 'cuda:sm_90' }]);
    world.now += 1000;
    tuned(store, { problem: smallLayer(7), target: 'cuda:sm_90', machine: H100 });
    expect(origins()).toEqual([
      ['cuda:sm_80', 'NVIDIA A100'],
      ['cuda:sm_90', H100],
      ['cuda:sm_90', H100],
    ]);
  });
});

test('renders a kernel from its name alone, launch plan included', () => {
  const { name } = tuned(store, { problem: layer, target: 'cuda:sm_90', machine: H100 });
  const { entry: _, ...published } = harvested().kernels[0]!;
  expect(renderKernel({ name, target: 'cuda:sm_90' })).toEqual(published);
});
