#include "reference.h"

#include <vector>

namespace oriented1d {

namespace {

// Weights as [K][C], so that the channels of one tap are neighbours, as the pixels of NHWC have them.
std::vector<double> by_tap(const O1dShape& s, const float* weight, bool resid) {
  std::vector<double> result(int64_t{s.kernel} * s.channels);
  for (int64_t ch = 0; ch < s.channels; ++ch)
    for (int64_t k = 0; k < s.kernel; ++k)
      result[k * s.channels + ch] = double(weight[ch * s.kernel + k]) + (resid && k == s.kernel / 2 ? 1.0 : 0.0);
  return result;
}

constexpr int64_t NOWHERE = -1;

// Along one axis: where the output at `at` reads an input of `size` through a tap's offset.
int64_t source(Op op, int64_t at, int64_t offset, int64_t stride, int64_t size) {
  if (op == Op::dgrad && (at - offset) % stride != 0) return NOWHERE;
  const int64_t place = op == Op::dgrad ? (at - offset) / stride : at * stride + offset;
  return place >= 0 && place < size ? place : NOWHERE;
}

// The pixel of the input plane that output (p, q) reads through tap k of a group.
int64_t pixel(const Shape& shape, int64_t p, int64_t q, int64_t g, int64_t k) {
  const O1dShape& s = *shape.c();
  const Plane in = shape.input();
  const int64_t y = source(shape.op(), p, s.dy[g * s.kernel + k], s.stride, in.height);
  const int64_t x = source(shape.op(), q, s.dx[g * s.kernel + k], s.stride, in.width);
  return y == NOWHERE || x == NOWHERE ? NOWHERE : y * in.width + x;
}

void nhwc(const Shape& shape, const std::vector<double>& w, const float* input, double* output, int64_t batch) {
  const O1dShape& s = *shape.c();
  const Plane out = shape.output();
  for (int64_t n = 0; n < batch; ++n, input += shape.input_elements(1))
    for (int64_t p = 0; p < out.height; ++p)
      for (int64_t q = 0; q < out.width; ++q, output += s.channels)
        for (int64_t g = 0; g < s.groups; ++g)
          for (int64_t k = 0; k < s.kernel; ++k) {
            const int64_t at = pixel(shape, p, q, g, k);
            if (at == NOWHERE) continue;
            for (int64_t ch = s.first[g]; ch < s.first[g + 1]; ++ch)
              output[ch] += w[k * s.channels + ch] * input[at * s.channels + ch];
          }
}

void nchw(const Shape& shape, const std::vector<double>& w, const float* input, double* output, int64_t batch) {
  const O1dShape& s = *shape.c();
  const Plane in = shape.input(), out = shape.output();
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t g = 0; g < s.groups; ++g)
      for (int64_t ch = s.first[g]; ch < s.first[g + 1]; ++ch, input += in.height * in.width)
        for (int64_t p = 0; p < out.height; ++p)
          for (int64_t q = 0; q < out.width; ++q, ++output)
            for (int64_t k = 0; k < s.kernel; ++k) {
              const int64_t at = pixel(shape, p, q, g, k);
              if (at != NOWHERE) *output += w[k * s.channels + ch] * input[at];
            }
}

}  // namespace

void reference(const Shape& shape, const float* weight, const float* bias, bool resid, const float* input,
               double* output, int64_t batch) {
  const O1dShape& s = *shape.c();
  const Plane out = shape.output();
  const int64_t pixels = out.height * out.width, elements = shape.output_elements(batch);
  for (int64_t i = 0; i < elements; ++i)
    output[i] = bias ? bias[s.layout == 1 ? i % s.channels : i / pixels % s.channels] : 0.0;
  const std::vector<double> weights = by_tap(s, weight, resid);
  (s.layout == 1 ? nhwc : nchw)(shape, weights, input, output, batch);
}

}  // namespace oriented1d
