import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { benchModel, type ModelRival } from '../bench/models/bench_model.js';
import { type ModelCell, modelCellName, modelCells } from '../bench/models/cell.js';
import { convolutionTime } from '../bench/models/convolution_time.js';
import { holdModel } from '../bench/models/model_peer.js';
import type { ModelResult } from '../bench/models/result.js';
import { benchWeights } from '../bench/models/weights.js';
import { type PeerDevice, TORCH_REMEDY, TorchPeer } from '../bench/peer.js';
import type { PeerProcess } from '../bench/peer_process.js';
import type { PeerName } from '../bench/table5/peers.js';
import type { GeluForm } from '../generator/operations/operation.js';
import { type ModelConfig, standardConfig } from '../runtime/convnext/config.js';
import { classifierPlan } from '../runtime/convnext/plan.js';
import { copyRate } from '../runtime/model/copy_rate.js';
import type { Executable } from '../runtime/plan/executable.js';
import { fusionOf, openPlan } from '../runtime/plan/open_plan.js';
import { loadWeights } from '../runtime/weights/load.js';
import { fitWeights } from '../runtime/weights/model/fit_weights.js';
import { writeSafetensors } from '../runtime/weights/safetensors/write_safetensors.js';
import { temporaryFolder } from '../tuner/temporary_folder.js';
import { writeJsonAside } from './atomic.js';
import type { BenchOptions } from './bench.js';
import { openBenched } from './bench_device.js';
import { modelTable } from './bench_models_table.js';
import { modelPeers } from './bench_peers.js';
import { provenance } from './bench_provenance.js';
import type { Outcome } from './command.js';
import type { Device } from './device.js';
import { allOrNothing } from './interruption.js';
import { requireProducts } from './model_options.js';
import { assertOutputs } from './output.js';
import { namedLibrary } from './published.js';
import type { Ui } from './ui.js';
import { counted } from './words.js';

/** Batches unless given: the latency, a middling one, and throughput. */
const BATCHES: Readonly<Record<Device['kind'], readonly number[]>> = { cpu: [1], cuda: [1, 64, 256] };
/** Seconds of all unless given. */
const BUDGET = 240;
const ROUNDS = 15;

/** `oriented1d bench models`: whole networks beside equal ones in PyTorch. @throws CliError, BenchError, DeviceError */
export async function benchModels(options: BenchOptions, ui: Ui): Promise<Outcome> {
  const { save, models, variants, image, budget = BUDGET } = options;
  if (save !== undefined) await assertOutputs([save], []);
  const names = modelPeers(options.peers);
  const device = openBenched(options);
  const { products = 'fp32' } = options;
  requireProducts(device, products);
  const cells = modelCells({
    ...(models && { sizes: models }),
    ...(variants && { variants }),
    ...(image && { image }),
    batches: options.batches ?? BATCHES[device.kind],
  });
  const peer = names.length === 0 ? undefined : await openTorch(device, ui);
  const measured = { ...(await provenance(device, peer?.version ?? null)), products, ...otherGelu(options) };
  const results: ModelResult[] = [];
  const document = () => documentOf(measured, results, cells);
  const time = () => {
    const end = performance.now() + 1000 * budget;
    const bench = { device, peer, names, options, rate: copyRate(device), end };
    return eachOf(cells, bench, ui, async (result) => {
      results.push(result);
      if (save !== undefined) await writeJsonAside(save, document());
    });
  };
  const kept = () =>
    save === undefined || results.length === 0
      ? 'no network is kept'
      : `${counted(results.length, 'network')} of ${cells.length} are in ${save}`;
  await allOrNothing(time, () => peer?.close(), ui, kept);
  return { document: document(), text: modelTable(results, ui) };
}

/** Results so far, and the names of the networks that are not among them yet, if there are any. */
function documentOf(measured: object, results: readonly ModelResult[], cells: readonly ModelCell[]): object {
  const left = cells.slice(results.length).map(modelCellName);
  return { provenance: measured, results, ...(left.length > 0 && { left }) };
}

/** The form of GELU where it is not the paper's. */
function otherGelu({ gelu = 'exact' }: BenchOptions): { readonly gelu?: GeluForm } {
  return gelu === 'exact' ? {} : { gelu };
}

interface Bench {
  readonly device: Device;
  readonly peer: PeerProcess | undefined;
  /** What is asked of the peer. */
  readonly names: readonly PeerName[];
  readonly options: BenchOptions;
  /** Bytes a second of a copy. */
  readonly rate: number;
  /** By performance.now(). */
  readonly end: number;
}

async function openTorch({ kind }: Device, ui: Ui): Promise<PeerProcess | undefined> {
  const peer = await TorchPeer.open(kind, 'torch_model.py');
  if (!peer) ui.note(`torch is missing: ${TORCH_REMEDY[kind]}`);
  return peer;
}

async function eachOf(
  cells: readonly ModelCell[],
  bench: Bench,
  ui: Ui,
  keep: (result: ModelResult) => Promise<void>,
): Promise<void> {
  const folder = await temporaryFolder();
  const progress = ui.progress('timing', cells.length);
  try {
    for (const [at, cell] of cells.entries()) {
      progress.say(modelCellName(cell));
      // What the cells before it have left over is for all that are to come.
      const until = performance.now() + (bench.end - performance.now()) / (cells.length - at);
      await keep(await oneOf(cell, bench, { folder: folder.path, until }));
      progress.step(modelCellName(cell));
    }
  } finally {
    progress.stop();
    await folder.remove();
  }
}

async function oneOf(
  cell: ModelCell,
  { device, peer, names, options, rate }: Bench,
  { folder, until }: { readonly folder: string; readonly until: number },
): Promise<ModelResult> {
  const config = standardConfig(cell.size, cell.variant);
  const file = await weightsFile(config, join(folder, `${cell.size}_${cell.variant}.safetensors`));
  const weights = await loadWeights(file);
  const { products = 'fp32', gelu = 'exact' } = options;
  const library = namedLibrary(options.library);
  const fusion = await fusionOf(device, { library, products });
  const spec = { batch: cell.batch, ...cell.image, gelu, fusion };
  const plan = classifierPlan(config, await fitWeights(weights, config), spec);
  const ours = await openPlan(plan, device, { library, products });
  try {
    const asked = { cell, config, weights: file, place: placeOf(device), tf32: products === 'tf32', gelu };
    const rivals: ModelRival[] = [];
    for (const name of peer ? names : []) {
      const held = await holdModel(peer!, { ...asked, compile: name === 'torch-compile' });
      rivals.push({ name, process: peer!, held });
    }
    return await benchModel(cell, {
      ...{ ours, rivals, rounds: ROUNDS, imagesFile: join(folder, 'images.f32') },
      convolutions: await convolutionsOf(ours, rate),
      isOver: () => performance.now() > until,
    });
  } finally {
    ours.close();
  }
}

/** Weights of a network in a file, for us and for peers; written for the first of its batches. */
async function weightsFile(config: ModelConfig, file: string): Promise<string> {
  if (!existsSync(file)) await writeSafetensors(file, benchWeights(config).tensors);
  return file;
}

/** Of a plan that has run: the device works on what it left in memory. */
async function convolutionsOf(ours: Executable, rate: number): Promise<ModelResult['ours']['convolutions']> {
  await ours.run(new Float32Array(ours.plan.images.elements).fill(0.5));
  return convolutionTime(ours.plan, await ours.profile(5), rate);
}

function placeOf(device: Device): PeerDevice {
  return device.kind === 'cpu' ? { device: 'cpu', threads: device.threads } : { device: 'cuda' };
}
