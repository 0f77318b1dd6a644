import type { LaunchPlan, TensorMap } from '../../generator/launch.js';
import type { NativeArgument } from './addon.js';
import type { CudaTensor } from './tensor.js';

/** The tensor maps that a kernel takes, as arguments: of its input, and of dy. */
export function tensorMaps(
  { inputMap, gradMap }: LaunchPlan,
  tensors: { readonly input: CudaTensor; readonly grad?: CudaTensor },
  batch: number,
): readonly NativeArgument[] {
  return [...mapOf(inputMap, tensors.input, batch), ...mapOf(gradMap, tensors.grad, batch)];
}

function mapOf(map: TensorMap | undefined, tensor: CudaTensor | undefined, batch: number): NativeArgument[] {
  if (!map || !tensor) return [];
  const { sizes, steps, box } = map;
  return [{ buffer: tensor.native, sizes: [...sizes, batch], ...(steps && { steps }), box }];
}
