import type { Isa } from '../../generator/target.js';
import { type Compiler, compilerFlags, compilerSettings } from '../../runtime/compiler.js';
import { type CudaCompiler, cudaCompilerName, cudaFlags } from '../../runtime/cuda/compiler.js';
import type { Toolchain } from '../store/trial.js';

/** What makes a processor's binaries. */
export function cpuToolchain(compiler: Compiler, isa: Isa): Toolchain {
  const flags = compilerSettings(compiler, compilerFlags(compiler, isa)).join(' ');
  return Object.freeze({ compiler: compiler.version, flags });
}

/** Between a CUDA compiler and the driver. */
const DRIVER = ', driver ';

/** What makes a GPU's binaries: the driver decides, too, since it loads the cubins and schedules them. */
export function cudaToolchain(compiler: CudaCompiler, driver: string, arch: string): Toolchain {
  return Object.freeze({
    compiler: `${cudaCompilerName(compiler)}${DRIVER}${driver}`,
    flags: cudaFlags(compiler, arch).join(' '),
  });
}

/** A toolchain's compiler, and its driver if it has one. */
export function toolsOf({ compiler }: Toolchain): { readonly compiler: string; readonly driver?: string } {
  const [name, driver] = compiler.split(DRIVER);
  return driver === undefined ? { compiler } : { compiler: name!, driver };
}
