import { operationSource } from '../../../generator/operations/cpp/source.js';
import type { Operation } from '../../../generator/operations/operation.js';
import { addon } from '../../addon.js';
import { compile, compilerFlags, findCompiler } from '../../compiler.js';
import type { CpuDevice } from '../../cpu.js';
import type { DispatchOptions } from '../../dispatch.js';
import { DeviceError } from '../../errors.js';
import { launchOf } from '../../launch.js';
import { openBinary } from '../../open_binary.js';
import { size } from '../../tensor.js';
import { extentsOf } from '../extents.js';
import type { CpuKernel } from './kernel.js';
import { requireOperands } from './operands.js';

/** An operation's kernel, compiled at its first use. @throws DeviceError if there is no compiler, or the cache cannot be written */
export async function operationKernel(
  operation: Operation,
  device: CpuDevice,
  { cacheFolder }: DispatchOptions,
): Promise<CpuKernel> {
  const { name, text } = operationSource(operation, device.target);
  const compiler = await findCompiler();
  if (!compiler) throw compilerMissing(name);
  const path = await compile(compiler, {
    name,
    text,
    flags: compilerFlags(compiler, device.target.isa),
    ...(cacheFolder !== undefined && { folder: cacheFolder }),
  });
  return openOperation(operation, device, path, name);
}

/** A kernel that was compiled for just this operation. @throws DeviceError if it cannot be opened */
export function openOperation(
  operation: Operation,
  device: CpuDevice,
  path: string,
  symbol: string,
): CpuKernel {
  const { input, output, weight, bias } = extentsOf(operation);
  const sizes = {
    input,
    output,
    weight: weight ? size(weight) : 0,
    bias: bias ? size(bias) : 0,
    residual: operation.kind === 'product' && operation.residual,
  };
  const origin = { kind: 'binary', path, symbol } as const;
  const kernel = openBinary({ origin, path, symbol }, () => addon().operation(path, symbol, sizes));
  return Object.freeze<CpuKernel>({
    kind: 'cpu-kernel',
    name: symbol,
    bind(operands) {
      requireOperands(operation, operands);
      const { weight, bias, input, residual, output, count } = operands;
      const packed = addon().operationParameters(kernel, weight, bias);
      return launchOf(
        addon().operationLaunch(packed, device.pool, input, residual, output, count),
        'an array of the operation',
      );
    },
  });
}

function compilerMissing(name: string): DeviceError {
  return new DeviceError('user', {
    code: 'compiler-missing',
    value: name,
    rule: 'what a network does between its convolutions is compiled at its first use, and none of $CXX, g++, c++ and clang++ runs',
    remedy: 'install g++ or clang++, or set CXX to a C++ compiler',
  });
}
