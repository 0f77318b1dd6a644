import { type CudaOperation, cudaOperation } from '../../generator/operations/cuda/source.js';
import { extentsOf } from '../../runtime/plan/extents.js';
import type { CudaOperationCase } from './cuda_operation_case.js';
import { emulatedMap } from './emulated_kernel.js';
import type { EmulatedRun } from './emulation.js';

/** Few, so that a block of a kernel that goes from tile to tile has several. */
const MULTIPROCESSORS = 2;

export interface OperationRun {
  /** The array that the output lies over. */
  readonly over?: 'input' | 'residual';
  /** Rows or images before those of the case, which are left out, to reach far offsets; whole blocks of them. */
  readonly lead?: number;
  /** The operation's own unless given. */
  readonly kernel?: CudaOperation;
}

/** An operation's kernel over the operands of a case. */
export function emulatedOperation(
  { op, count, expected, input, weight, bias, residual }: CudaOperationCase,
  { over, lead = 0, kernel: made = cudaOperation(op) }: OperationRun = {},
): EmulatedRun {
  const { name: kernel, text, sharedBytes, maps, launch } = made;
  const extents = extentsOf(op);
  const inputs = {
    input: { data: input, lead: lead * extents.input },
    ...(weight && { weight: { data: weight } }),
    ...(bias && { bias: { data: bias } }),
    ...(residual && { residual: { data: residual, lead: lead * extents.output } }),
  };
  const names = Object.keys(inputs);
  const read = names.map((name) => (name === over ? 'output' : name));
  const mapped = maps
    ? [emulatedMap(maps.input, 'input', lead + count), emulatedMap(maps.weight, 'weight', 1)]
    : [];
  const args = `${over}, output, ${expected.length}`;
  const put = { kernel: 'put', args, blocks: 1, threads: 64, sharedBytes: 0 };
  const run = {
    ...launch(lead + count, MULTIPROCESSORS),
    kernel,
    args: [...read, 'output', lead + count, ...mapped].join(', '),
    sharedBytes,
    firstBlock: lead > 0 ? launch(lead, MULTIPROCESSORS).blocks : 0,
  };
  return {
    text: `${text}${declaration(kernel, names, mapped.length)}${PUT}`,
    inputs,
    output: { length: expected.length, lead: lead * extents.output },
    launches: over ? [put, run] : [run],
  };
}

function declaration(kernel: string, names: readonly string[], maps: number): string {
  const types = [
    ...names.map(() => 'const float*'),
    'float*',
    'int',
    ...Array<string>(maps).fill('TensorMap'),
  ];
  return `\nextern "C" void ${kernel}(${types.join(', ')});\n`;
}

/** Puts what an output lies over in its place. */
const PUT = `
[[maybe_unused]] static void put(const float* from, float* to, int count) {
  for (int i = threadIdx.x; i < count; i += blockDim.x) to[i] = from[i];
}
`;
