import { compile, compilerFlags, findCompiler } from '../../runtime/compiler.js';
import { naiveGradient } from './naive_gradient.js';

/** What a kernel of backward may do wrong. */
export type GradientFault = 'sound' | 'sum' | 'hole' | 'image' | 'unsteady' | 'stale';

/** After a run of image n, and after all sums are written. `mark` is a float of the launch's own. */
const FAULTS: Readonly<Record<GradientFault, { readonly image?: string; readonly sums?: string }>> = {
  sound: {},
  sum: { sums: 'dw[1] *= 1.001f;' },
  hole: { sums: 'db[1] = NAN;' },
  image: { image: 'if (n >= 3) c->input_grad[n * pixels] += 1e-6f;' },
  unsteady: { sums: 'static int runs = 0; if (runs++ > 0) dw[0] += 1e-6f;' },
  stale: { sums: 'if (*mark == 7) db[0] += 1e-6f; *mark = 7;' },
};

/** Compiles kernels of backward that do something wrong when they run, and gives their path. A fault is the symbol of its kernel. */
export async function brokenGradients(folder: string): Promise<string> {
  const compiler = (await findCompiler())!;
  const text = `#include <cmath>
${naiveGradient('backward', 'naive')}
namespace {
int64_t partial_and_mark(const O1dShape* s, int64_t batch) { return naive.partial_floats(s, batch) + 1; }
}
${(Object.keys(FAULTS) as GradientFault[]).map(brokenText).join('')}`;
  const flags = compilerFlags(compiler, 'plain');
  return compile(compiler, { name: 'broken_gradients', text, flags, folder });
}

function brokenText(fault: GradientFault): string {
  const { image = '', sums = '' } = FAULTS[fault];
  return `
namespace ${fault}_code {
void spoilt_run(const O1dGradientCall* c) {
  naive.run(c);
  const int64_t pixels = int64_t{c->shape->channels} * c->shape->height * c->shape->width;
  for (int64_t n = c->begin; n < c->end; ++n) { ${image} (void)pixels; }
}
void spoilt_reduce(const O1dShape* s, int64_t batch, const float* partial, float* dw, float* db) {
  naive.reduce(s, batch, partial, dw, db);
  float* const mark = const_cast<float*>(partial) + naive.partial_floats(s, batch);
  ${sums} (void)mark;
}
}
extern "C" const O1dGradient ${fault};
const O1dGradient ${fault} = {O1D_ABI, units, packed_floats, scratch_bytes, partial_and_mark, pack,
  ${fault}_code::spoilt_run, ${fault}_code::spoilt_reduce};
`;
}
