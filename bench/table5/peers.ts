import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packagePath } from '../../generator/package.js';
import { BenchError } from '../errors.js';
import { type PeerDevice, TORCH_REMEDY, TorchPeer } from '../peer.js';
import { type PeerJob, PeerProcess } from '../peer_process.js';
import { MEASURES, type Measure } from './measure.js';

export const PEER_NAMES = ['torch', 'torch-compile', 'cudnn', 'onnxruntime'] as const;

export type PeerName = (typeof PEER_NAMES)[number];

/** What is measured of a peer beside us. */
interface PeerKind {
  /** A line for people. */
  readonly about: string;
  readonly devices: readonly PeerDevice['device'][];
  readonly measures: readonly Measure[];
  /** Of its jobs, whatever the cell says. */
  readonly settings: Partial<PeerJob>;
  /** @returns how to get it, where it is missing */
  open(device: PeerDevice['device']): Promise<PeerProcess | string>;
}

export const PEERS: Readonly<Record<PeerName, PeerKind>> = Object.freeze({
  torch: {
    about: 'PyTorch as it comes, cudnn.benchmark off',
    devices: ['cpu', 'cuda'],
    measures: MEASURES,
    settings: { benchmark: false },
    open: torch,
  },
  'torch-compile': {
    about: 'PyTorch with torch.compile, which changes no gradient alone',
    devices: ['cpu', 'cuda'],
    measures: ['step', 'full', 'fprop'],
    settings: { benchmark: false, compile: true },
    open: compiling,
  },
  cudnn: {
    about: 'PyTorch with cudnn.benchmark on',
    devices: ['cuda'],
    measures: MEASURES,
    settings: { benchmark: true },
    open: torch,
  },
  onnxruntime: {
    about: 'onnxruntime-node, forward alone and in NCHW only',
    devices: ['cpu'],
    measures: ['fprop'],
    settings: { layout: 'nchw' },
    open: onnxruntime,
  },
});

/** A peer that was asked for: in a process of its own for the whole table, or missing, with the way to get it. */
export interface OpenPeer {
  readonly name: PeerName;
  readonly process: PeerProcess | undefined;
  readonly remedy: string | undefined;
}

export async function openPeers(
  names: readonly PeerName[],
  device: PeerDevice['device'],
): Promise<readonly OpenPeer[]> {
  const opened: OpenPeer[] = [];
  for (const name of names) {
    const { devices, open } = PEERS[name];
    const found = devices.includes(device) ? await open(device) : `it is no peer on ${DEVICE_WORDS[device]}`;
    opened.push(
      typeof found === 'string'
        ? { name, process: undefined, remedy: found }
        : { name, process: found, remedy: undefined },
    );
  }
  return opened;
}

const DEVICE_WORDS = { cpu: 'a CPU', cuda: 'a GPU' } as const;

async function torch(device: PeerDevice['device']): Promise<PeerProcess | string> {
  return (await TorchPeer.open(device)) ?? TORCH_REMEDY[device];
}

/** Whether PyTorch can compile at all shows when it does: it needs more programs than it comes with. */
async function compiling(device: PeerDevice['device']): Promise<PeerProcess | string> {
  const found = await TorchPeer.open(device);
  if (!found) return TORCH_REMEDY[device];
  const remedy = 'pip install "torch>=2", and a C compiler that it finds';
  if (Number(found.version.split('.')[0]) >= 2) {
    try {
      await found.time(await found.setup({ ...TINY, op: 'step', device, threads: 1, compile: true }), 1);
      return found;
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
    }
  }
  found.close();
  return remedy;
}

const TINY = {
  ...{ batch: 1, channels: 4, height: 4, width: 4, kernel: 3, stride: 1, sets: 1 },
  layout: 'nchw',
} as const;

async function onnxruntime(): Promise<PeerProcess | string> {
  const remedy = 'npm install onnxruntime-node, here or in the folder that this runs in';
  for (const folder of [process.cwd(), packagePath()]) {
    const path = resolved(folder);
    if (path === undefined) continue;
    return new PeerProcess({
      name: 'onnxruntime-node',
      version: versionNear(path),
      command: [process.execPath, packagePath('bench', 'peers', 'onnx_conv.mjs'), path],
      remedy: 'measure without it, by --peers torch or --peers none',
    });
  }
  return remedy;
}

function resolved(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'any.js')).resolve('onnxruntime-node');
  } catch {
    return undefined;
  }
}

/** Of the package that holds a file. */
function versionNear(path: string): string {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder))
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;
      if (name === 'onnxruntime-node' && version !== undefined) return version;
    } catch {} // none here
  return 'unknown';
}

interface PackageFile {
  readonly name?: string;
  readonly version?: string;
}
