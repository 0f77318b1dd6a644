import { compile, compilerFlags, findCompiler } from '../../runtime/compiler.js';
import type { Shape } from '../../runtime/shape.js';
import { temporaryFolder } from './temporary_folder.js';

// Kernels that report how they are called. The shape's height is the units of an image, its kernel length the scratch bytes.
const TEXT = `
#include "oriented1d_kernel.h"
namespace {
int64_t units(const O1dShape* s, int64_t batch) { return batch * s->height; }
int64_t packed_floats(const O1dShape*) { return 1; }
int64_t scratch_bytes(const O1dShape* s) { return s->kernel; }
void pack(const O1dShape*, const float*, const float*, float, float*) {}

// Adds one to each of its units, and fills its scratch.
void count(const O1dCall* call) {
  for (int64_t unit = call->begin; unit < call->end; ++unit) call->output[unit] += 1;
  for (int64_t i = 0; i < call->shape->kernel; ++i) static_cast<char*>(call->scratch)[i] = 1;
}

float alignment(const void* address) {
  const uintptr_t bits = reinterpret_cast<uintptr_t>(address);
  return float(bits & -bits);
}

// Writes the powers of two that its addresses are multiples of.
void align(const O1dCall* call) {
  call->output[0] = alignment(call->input);
  call->output[1] = alignment(call->packed);
  call->output[2] = alignment(call->scratch);
}
}
extern "C" {
extern const O1dKernel counting, aligned, foreign;
const O1dKernel counting = {O1D_ABI, units, packed_floats, scratch_bytes, pack, count};
const O1dKernel aligned = {O1D_ABI, units, packed_floats, scratch_bytes, pack, align};
const O1dKernel foreign = {99, units, packed_floats, scratch_bytes, pack, count};
}`;

/** Path of a shared object with the kernels `counting`, `aligned` and, of another ABI, `foreign`. */
export async function probes(): Promise<string> {
  const compiler = (await findCompiler())!;
  const flags = compilerFlags(compiler, 'plain');
  return compile(compiler, { name: 'probes', text: TEXT, flags, folder: temporaryFolder() });
}

/** A shape of so many units an image, for kernels that want so much scratch. */
export function probeShape(units: number, scratchBytes = 1): Shape {
  return {
    op: 0,
    layout: 1,
    channels: 1,
    height: units,
    width: 1,
    stride: 1,
    kernel: scratchBytes,
    first: Int32Array.of(0, 1),
    dy: new Int32Array(scratchBytes),
    dx: new Int32Array(scratchBytes),
  };
}
