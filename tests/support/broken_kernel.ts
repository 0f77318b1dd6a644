import { compile, compilerFlags, findCompiler } from '../../runtime/compiler.js';

/** What a kernel may do wrong. `right` does nothing wrong: it copies its input, which K = 1 with weight 1 is. */
export type Fault = 'wrong' | 'hole' | 'crash' | 'hang';

const RUN: Readonly<Record<Fault, string>> = {
  wrong: 'std::memset(call->output, 0, FLOATS * sizeof(float));',
  hole: 'call->output[0] = 1;',
  crash: '*reinterpret_cast<volatile int*>(8) = 1;',
  hang: 'for (volatile int i = 0;; i = i + 1) {}',
};

/** Compiles a kernel that does something wrong when it runs, and gives its path. Its symbol is `broken`. */
export async function brokenKernel(fault: Fault, floats: number, folder: string): Promise<string> {
  const compiler = (await findCompiler())!;
  const text = `#include <cstring>
#include "oriented1d_kernel.h"
namespace {
constexpr int64_t FLOATS = ${floats};
int64_t units(const O1dShape*, int64_t) { return 1; }
int64_t none(const O1dShape*) { return 16; }
void pack(const O1dShape*, const float*, const float*, float, float*) {}
void run(const O1dCall* call) { ${RUN[fault]} (void)FLOATS; (void)call; }
}
extern "C" const O1dKernel broken;
const O1dKernel broken = {O1D_ABI, units, none, none, pack, run};
`;
  return await compile(compiler, { name: fault, text, flags: compilerFlags(compiler, 'plain'), folder });
}
