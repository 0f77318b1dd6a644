import type { LaunchPlan, TensorMap } from '../../generator/launch.js';
import type { NativeArgument, NativeTensorMap } from './addon.js';
import type { CudaTensor } from './tensor.js';

/** The tensor maps that a kernel takes, as arguments: of its input, and of dy. */
export function tensorMaps(
  { inputMap, gradMap }: LaunchPlan,
  tensors: { readonly input: CudaTensor; readonly grad?: CudaTensor },
  batch: number,
): readonly NativeArgument[] {
  const { input, grad } = tensors;
  return [
    ...(inputMap ? [tensorMap(inputMap, input, batch)] : []),
    ...(gradMap && grad ? [tensorMap(gradMap, grad, batch)] : []),
  ];
}

/** @param last the size of the map's last dimension */
export function tensorMap(map: TensorMap, { native }: CudaTensor, last: number): NativeTensorMap {
  const { kind: _, sizes, ...others } = map;
  return { ...others, buffer: native, sizes: [...sizes, last] };
}
