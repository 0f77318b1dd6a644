import { cudaAddon, type MatmulShape, type NativeBlas } from './addon.js';
import { calling } from './failure.js';
import { findLibrary } from './find_library.js';
import { type CudaLaunch, launchOf } from './launch.js';
import type { Queue } from './queue.js';
import type { CudaTensor } from './tensor.js';

/** cuBLASLt on a device. */
export interface CudaBlas {
  readonly kind: 'cuda-blas';
  /** `13.0.2`. */
  readonly version: string;
  /** The library's file. */
  readonly path: string;
  /**
   * A product without its tensors.
   * @param workspace what its products may use: all that never run at once may share it
   * @throws DeviceError if the library cannot compute it
   */
  matmul(shape: MatmulShape, workspace: CudaTensor): CudaMatmul;
}

export interface CudaMatmul {
  readonly kind: 'cuda-matmul';
  readonly shape: MatmulShape;
  /** How many ways to compute it there are, best first by the library's own guess. */
  readonly algorithms: number;
  /** @param algorithm one of the ways, from 0 @throws DeviceError if a tensor is too short */
  bind(tensors: ProductTensors, algorithm: number): CudaLaunch;
}

/** What a product reads and writes, see {@link MatmulShape}. The output may be the residual. */
export interface ProductTensors {
  readonly input: CudaTensor;
  readonly weight: CudaTensor;
  readonly bias: CudaTensor;
  /** Null where there is none. */
  readonly residual: CudaTensor | null;
  readonly output: CudaTensor;
}

const NAMES = ['libcublasLt.so.13', 'libcublasLt.so.12', 'libcublasLt.so.11', 'libcublasLt.so'];

/** Ways that are asked for: the library's first guess is seldom far from the best of its first few. */
const MOST = 8;

/** cuBLASLt, wherever {@link findLibrary} looks. Undefined if it is not there, or refuses the device. */
export async function findBlas(queue: Queue): Promise<CudaBlas | undefined> {
  const open = (path: string) => cudaAddon().blas(path, queue.device);
  const native = await findLibrary({ stem: 'libcublasLt', names: NAMES, open });
  return native && blasOf(queue, native);
}

function blasOf(queue: Queue, native: NativeBlas): CudaBlas {
  const { version, path } = native;
  return Object.freeze<CudaBlas>({
    kind: 'cuda-blas',
    version,
    path,
    matmul(shape, workspace) {
      const { rows, inner, outer } = shape;
      const name = `cuBLASLt ${version}, ${rows}x${inner} times ${inner}x${outer}`;
      const matmul = calling(name, () => cudaAddon().matmul(native, shape, workspace.native, MOST));
      return Object.freeze<CudaMatmul>({
        kind: 'cuda-matmul',
        shape,
        algorithms: matmul.algorithms,
        bind({ input, weight, bias, residual, output }, algorithm) {
          const buffers = {
            input: input.native,
            weight: weight.native,
            bias: bias.native,
            residual: residual?.native ?? null,
            output: output.native,
          };
          const { stream } = queue;
          return launchOf(queue, name, () => cudaAddon().product(matmul, algorithm, buffers, stream.native));
        },
      });
    },
  });
}
