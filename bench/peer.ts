import { packagePath } from '../generator/package.js';
import { invoke } from '../runtime/process.js';
import { type PeerJob, PeerProcess } from './peer_process.js';

/** What PyTorch is asked to time. */
export type TorchJob = PeerJob;

/** Where a job runs. */
export type PeerDevice = Pick<TorchJob, 'device' | 'threads'>;

/** What PyTorch runs: single convolutions, or whole networks. */
type Script = 'torch_conv.py' | 'torch_model.py';

/** PyTorch in a process of its own; its version is PyTorch's. */
export class TorchPeer extends PeerProcess {
  private constructor({ python, version }: Python, script: Script) {
    super({
      name: 'PyTorch',
      version,
      command: [python, packagePath('bench', 'peers', script)],
      env: peerEnvironment(),
      remedy: 'measure without it by --peers none, or set PYTHON to another one that imports torch',
    });
  }

  /** @returns undefined where no Python has PyTorch, with CUDA if that is asked for */
  static async open(
    device: TorchJob['device'],
    script: Script = 'torch_conv.py',
  ): Promise<TorchPeer | undefined> {
    const found = await findPython(device);
    return found && new TorchPeer(found, script);
  }
}

/** How to get what {@link TorchPeer} needs. */
export const TORCH_REMEDY = {
  cpu: 'apt-get install python3-torch libopenblas0-pthread, or set PYTHON to one that imports torch',
  cuda: 'pip install torch, or set PYTHON to one that imports it and sees the GPU',
} as const;

interface Python {
  readonly python: string;
  readonly version: string;
}

/** Fails without a GPU that PyTorch sees. */
const VERSION_OF = {
  cpu: 'import torch; print(torch.__version__)',
  cuda: 'import torch; torch.zeros(1, device="cuda"); print(torch.__version__)',
} as const;

const found = new Map<string, Promise<Python | undefined>>();

/** Looked for once, unless $PYTHON or $PATH change: importing PyTorch takes seconds. */
function findPython(device: TorchJob['device']): Promise<Python | undefined> {
  const { PYTHON, PATH } = process.env;
  const key = JSON.stringify([device, PYTHON, PATH]);
  const search = found.get(key) ?? firstPython(device);
  found.set(key, search);
  return search;
}

async function firstPython(device: TorchJob['device']): Promise<Python | undefined> {
  for (const python of [process.env.PYTHON, 'python3', '/usr/bin/python3']) {
    if (!python) continue;
    const outcome = await invoke([python, '-c', VERSION_OF[device]]).catch(() => undefined);
    if (outcome?.code === 0) return { python, version: outcome.stdout.trim() };
  }
  return undefined;
}

/** Without what would choose another kernel for OpenBLAS than the processor's own. */
function peerEnvironment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, ...rest } = process.env;
  return rest;
}
