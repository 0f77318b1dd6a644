import {
  isTensorProduct,
  TENSOR_TILES,
  tensorProduct,
} from '../../../generator/operations/cuda/product_tf32.js';
import {
  isWarpgroupProduct,
  WARPGROUP_TILES,
  warpgroupProduct,
} from '../../../generator/operations/cuda/product_warpgroup.js';
import { type CudaOperation, cudaOperation } from '../../../generator/operations/cuda/source.js';
import type { Product } from '../../../generator/operations/operation.js';
import { hasTf32 } from '../../../generator/target.js';
import type { CudaBlas, ProductTensors } from '../../cuda/blas.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { CudaLaunch } from '../../cuda/launch.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import type { DispatchOptions } from '../../dispatch.js';
import { DeviceError } from '../../errors.js';
import { loadOperation, type OperationLaunch } from './operation_kernel.js';

/** What products are computed with. */
export interface Multiplier {
  readonly blas: CudaBlas;
  /** What its routines may use: a plan's run one after the other. */
  readonly workspace: CudaTensor;
  readonly tf32: boolean;
}

/** One of several ways to compute a product of so many rows. */
export interface ProductWay {
  /** What a profile calls it. */
  readonly name: string;
  /** @throws DeviceError */
  bind(tensors: ProductTensors): CudaLaunch;
}

/**
 * Ways that can be trusted, which others are held against: cuBLASLt's, or, since that has no planes, one of ours for any GPU, in
 * float32.
 * @throws DeviceError if cuBLASLt names none, or there is no compiler
 */
export async function referenceWays(
  product: Product,
  rows: number,
  device: CudaDevice,
  multiplier: Multiplier,
  options: DispatchOptions,
): Promise<readonly ProductWay[]> {
  if (!product.planes) return libraryWays(product, rows, device, multiplier, options);
  const source = cudaOperation(product);
  return [wayOf(source, await loadOperation(source, device, options), rows)];
}

/**
 * The ways that cuBLASLt names, best first by its own guess. Of GELU it has the form by tanh; the exact one is a pass behind.
 * @throws DeviceError if there is none, or no compiler for that pass
 */
export async function libraryWays(
  { inner, outer, gelu, residual }: Product,
  rows: number,
  device: CudaDevice,
  { blas, workspace, tf32 }: Multiplier,
  options: DispatchOptions,
): Promise<readonly ProductWay[]> {
  const matmul = blas.matmul({ rows, inner, outer, residual, gelu: gelu === 'tanh', tf32 }, workspace);
  const pass =
    gelu === 'exact'
      ? await loadOperation(cudaOperation({ kind: 'gelu', channels: outer, form: gelu }), device, options)
      : undefined;
  const gelus = { exact: ', GELU behind it', tanh: ', with GELU' };
  return Array.from({ length: matmul.algorithms }, (_, algorithm) => ({
    name: `cuBLASLt ${blas.version} in ${tf32 ? 'TF32' : 'float32'}${gelu ? gelus[gelu] : ''}`,
    bind(tensors) {
      const multiply = matmul.bind(tensors, algorithm);
      const { output } = tensors;
      return pass ? device.sequence([multiply, pass([output, output], rows)]) : multiply;
    },
  }));
}

/**
 * Our own kernels for tensor cores, in TF32, as far as the device has them and room for their stages.
 * @throws DeviceError if there is no compiler
 */
export async function tensorWays(
  product: Product,
  rows: number,
  device: CudaDevice,
  options: DispatchOptions,
): Promise<readonly ProductWay[]> {
  if (!hasTf32(device.target.arch)) return [];
  const sources = [
    ...(isWarpgroupProduct(product) ? WARPGROUP_TILES.map((tile) => warpgroupProduct(product, tile)) : []),
    ...(isTensorProduct(product) ? TENSOR_TILES.map((tile) => tensorProduct(product, tile)) : []),
  ];
  const ways = await Promise.all(
    sources
      .filter(({ sharedBytes }) => sharedBytes <= device.sharedBytes)
      .filter(({ arch }) => arch === undefined || arch === `${device.target.arch}a`)
      .map(async (source) => {
        const launch = await loadUnlessUnknown(source, device, options);
        return launch && wayOf(source, launch, rows);
      }),
  );
  return ways.filter((way) => way !== undefined);
}

function wayOf({ name }: CudaOperation, launch: OperationLaunch, rows: number): ProductWay {
  return {
    name,
    bind: ({ input, weight, bias, residual, output }) =>
      launch([input, weight, bias, residual, output], rows),
  };
}

/**
 * Undefined if it is for one architecture only and the compiler refuses it: those of CUDA 11 do not know `sm_90a`.
 * @throws DeviceError
 */
async function loadUnlessUnknown(
  source: CudaOperation,
  device: CudaDevice,
  options: DispatchOptions,
): Promise<OperationLaunch | undefined> {
  try {
    return await loadOperation(source, device, options);
  } catch (error) {
    if (source.arch !== undefined && error instanceof DeviceError && error.code === 'compile')
      return undefined;
    throw error;
  }
}
