import { compile, compilerFlags, findCompiler } from '../../runtime/compiler.js';

/** What a kernel may do wrong. */
export type Fault = 'wrong' | 'hole' | 'crash' | 'hang';

const RUN: Readonly<Record<Fault, string>> = {
  wrong: 'std::memset(call->output, 0, FLOATS * sizeof(float));',
  hole: 'call->output[0] = 1;',
  crash: 'std::fputs("its last words\\n", stderr); *reinterpret_cast<volatile int*>(8) = 1;',
  hang: 'for (volatile int i = 0;; i = i + 1) {}',
};

/** Compiles a kernel that does something wrong when it runs, and gives its path. Its symbol is `broken`. */
export async function brokenKernel(fault: Fault, floats: number, folder: string): Promise<string> {
  const compiler = (await findCompiler())!;
  const text = `#include <cstdio>
#include <cstring>
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

/** Compiles a sound kernel with one output of every image from `image` on made wrong, as the symbol `broken`. */
export async function spoiledKernel(
  { text, name }: { readonly text: string; readonly name: string },
  image: number,
  floatsEach: number,
  folder: string,
): Promise<string> {
  const compiler = (await findCompiler())!;
  const sound = `${name}_code::${name}`;
  const spoiled = `${text}
namespace {
void spoil(const O1dCall* call) {
  ${sound}.run(call);
  for (int64_t n = ${image}; n < call->batch; ++n) call->output[n * ${floatsEach}] += 1e-6f;
}
}
extern "C" const O1dKernel broken;
const O1dKernel broken = {O1D_ABI, ${sound}.units, ${sound}.packed_floats, ${sound}.scratch_bytes, ${sound}.pack, spoil};
`;
  const flags = compilerFlags(compiler, 'plain');
  return await compile(compiler, { name: 'spoiled', text: spoiled, flags, folder });
}
