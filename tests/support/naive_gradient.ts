import { compile, compilerFlags, findCompiler } from '../../runtime/compiler.js';

/**
 * A kernel of wgrad or backward for every shape, by definition. A unit is an image, whose sums lie in its own part of
 * `partial`. It writes a whole scratch of its own, and nothing that is not its.
 */
export function naiveGradient(op: 'wgrad' | 'backward', symbol: string): string {
  const backward = op === 'backward';
  return `#include <cstring>
#include "oriented1d_kernel.h"
namespace {
struct Layer {
  const O1dShape& s;
  int64_t rows = (s.height + s.stride - 1) / s.stride, columns = (s.width + s.stride - 1) / s.stride;
  int64_t at(int64_t h, int64_t w, int64_t n, int64_t ch, int64_t y, int64_t x) const {
    return s.layout == 1 ? ((n * h + y) * w + x) * s.channels + ch : ((n * s.channels + ch) * h + y) * w + x;
  }
  int64_t group(int64_t ch) const {
    int64_t g = 0;
    while (s.first[g + 1] <= ch) ++g;
    return g;
  }
};
int64_t units(const O1dShape*, int64_t batch) { return batch; }
int64_t weights(const O1dShape* s) { return int64_t{s->channels} * s->kernel; }
int64_t packed_floats(const O1dShape* s) { return ${backward ? 'weights(s)' : '(void)s, 0'}; }
int64_t scratch_bytes(const O1dShape*) { return 100; }
int64_t partial_floats(const O1dShape* s, int64_t batch) { return batch * (weights(s) + s->channels); }
void pack(const O1dShape* s, const float* weight, float centre, float* packed) {
  std::memcpy(packed, weight, weights(s) * sizeof(float));
  for (int64_t ch = 0; ch < s->channels; ++ch) packed[ch * s->kernel + s->kernel / 2] += centre;
}
void image(const O1dGradientCall& c, const Layer& l, int64_t n) {
  const O1dShape& s = l.s;
  float* const dw = c.partial + n * (weights(&s) + s.channels);
  float* const db = dw + weights(&s);
  std::memset(dw, 0, (weights(&s) + s.channels) * sizeof(float));
  for (int64_t ch = 0; ch < s.channels; ++ch) {
    for (int64_t y = 0; c.input_grad && y < s.height; ++y)
      for (int64_t x = 0; x < s.width; ++x) c.input_grad[l.at(s.height, s.width, n, ch, y, x)] = 0;
    for (int64_t p = 0; p < l.rows; ++p)
      for (int64_t q = 0; q < l.columns; ++q) {
        const float gradient = c.grad[l.at(l.rows, l.columns, n, ch, p, q)];
        db[ch] += gradient;
        for (int64_t k = 0; k < s.kernel; ++k) {
          const int64_t tap = l.group(ch) * s.kernel + k, y = p * s.stride + s.dy[tap], x = q * s.stride + s.dx[tap];
          if (y < 0 || y >= s.height || x < 0 || x >= s.width) continue;
          const int64_t at = l.at(s.height, s.width, n, ch, y, x);
          dw[ch * s.kernel + k] += gradient * c.input[at];
          if (c.input_grad) c.input_grad[at] += gradient * c.packed[ch * s.kernel + k];
        }
      }
  }
}
void run(const O1dGradientCall* c) {
  std::memset(c->scratch, 1, 100);
  for (int64_t n = c->begin; n < c->end; ++n) image(*c, Layer{*c->shape}, n);
}
void reduce(const O1dShape* s, int64_t batch, const float* partial, float* weight_grad, float* bias_grad) {
  const int64_t each = weights(s) + s->channels;
  for (int64_t i = 0; i < each; ++i) {
    double sum = 0;
    for (int64_t n = 0; n < batch; ++n) sum += partial[n * each + i];
    (i < weights(s) ? weight_grad[i] : bias_grad[i - weights(s)]) = static_cast<float>(sum);
  }
}
}
extern "C" const O1dGradient ${symbol};
const O1dGradient ${symbol} = {O1D_ABI, units, packed_floats, scratch_bytes, partial_floats, pack, run, reduce};
`;
}

/** The same compiled, as the symbol `naive`. */
export async function naiveGradientBinary(op: 'wgrad' | 'backward', folder: string): Promise<string> {
  const compiler = (await findCompiler())!;
  const flags = compilerFlags(compiler, 'plain');
  return compile(compiler, { name: `naive_${op}`, text: naiveGradient(op, 'naive'), flags, folder });
}
