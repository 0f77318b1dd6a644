import { availableParallelism } from 'node:os';
import { problemName } from '../../generator/name.js';
import { type CudaCompiler, compileCuda } from '../../runtime/cuda/compiler.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { Candidate } from '../candidate.js';
import { inspectionText } from '../trial/inspection.js';
import { ahead } from './line.js';
import { refusal } from './refusal.js';
import type { Build, Rig, Site } from './rig.js';
import { cudaToolchain } from './toolchains.js';

/** A compiler of CUDA kernels for an architecture. */
interface CubinBuilder {
  readonly compiler: CudaCompiler;
  readonly arch: string;
}

/**
 * A tuning's rig on a GPU. Kernels take seconds to compile and much less to try, so that as many are under way as there
 * are cores, beside what is timed on the GPU.
 * @param width candidates under way: the GPUs of a machine share its cores
 * @throws DeviceError if the kernel that inspects outputs does not compile, or the cache cannot be written
 */
export async function cudaRig(
  { target, index, name, driver }: Pick<CudaDevice, 'target' | 'index' | 'name' | 'driver'>,
  compiler: CudaCompiler,
  width: number = availableParallelism(),
): Promise<Rig> {
  const { arch } = target;
  const inspection = await compileCuda(compiler, { name: 'inspection', text: inspectionText(), arch });
  return Object.freeze<Rig>({
    kind: 'rig',
    setting: {
      target,
      toolchain: cudaToolchain(compiler, driver, arch),
      machine: name,
      threads: 1,
    },
    line: ahead(width),
    build: (candidates, site) =>
      Promise.all(candidates.map((one) => buildCubin(one, { compiler, arch }, site))).then((all) =>
        all.flat(),
      ),
    setup: (problem, seed) => ({
      kind: 'setup',
      problem: problemName(problem),
      place: { kind: 'cuda', device: index, inspection },
      seed,
    }),
  });
}

/** One candidate, or none after Ctrl-C. */
async function buildCubin(
  candidate: Candidate,
  { compiler, arch }: CubinBuilder,
  { folder, signal }: Site,
): Promise<readonly Build[]> {
  if (signal.aborted) return [];
  const { kernel: name, source } = candidate;
  try {
    const path = await compileCuda(compiler, { name, text: source.text, arch, folder });
    return [{ kind: 'binary', candidate, path }];
  } catch (error) {
    return signal.aborted ? [] : [refusal(candidate, error)];
  }
}
