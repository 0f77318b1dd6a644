import type { Cell } from '../bench/table5/cell.js';
import { cpuTableStage } from '../bench/table5/cpu_stage.js';
import { cudaTableStage } from '../bench/table5/cuda_stage.js';
import { cpuMeanText, cudaMeanText } from '../bench/table5/mean.js';
import type { TableStage } from '../bench/table5/stage.js';
import { compile, compilerFlags, findCompiler } from '../runtime/compiler.js';
import { compileCuda, findCudaCompiler } from '../runtime/cuda/compiler.js';
import { inspectionText } from '../tuner/trial/inspection.js';
import type { Device } from './device.js';

/** Makes stages, with the kernels that they need beside those of layers. By the compilers that made those. */
export async function stages(device: Device): Promise<(cell: Cell) => TableStage> {
  switch (device.kind) {
    case 'cpu': {
      const compiler = (await findCompiler())!;
      const flags = compilerFlags(compiler, device.target.isa);
      const mean = await compile(compiler, { name: 'mean', text: cpuMeanText(), flags });
      return (cell) => cpuTableStage(device, cell, mean);
    }
    case 'cuda': {
      const compiler = (await findCudaCompiler())!;
      const { arch } = device.target;
      const mean = await compileCuda(compiler, { name: 'mean', text: cudaMeanText(), arch });
      const inspection = await compileCuda(compiler, { name: 'inspection', text: inspectionText(), arch });
      return (cell) => cudaTableStage(device, cell, { mean, inspection });
    }
    default:
      return device satisfies never;
  }
}
