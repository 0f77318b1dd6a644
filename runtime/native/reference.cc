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

bool inside(int64_t y, int64_t x, const O1dShape& s) { return y >= 0 && y < s.height && x >= 0 && x < s.width; }

struct Plane {
  int64_t height, width;
};

void nhwc(const O1dShape& s, const std::vector<double>& w, const float* input, double* output, int64_t batch, Plane out) {
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t p = 0; p < out.height; ++p)
      for (int64_t q = 0; q < out.width; ++q, output += s.channels)
        for (int64_t g = 0; g < s.groups; ++g)
          for (int64_t k = 0; k < s.kernel; ++k) {
            const int64_t y = p * s.stride + s.dy[g * s.kernel + k], x = q * s.stride + s.dx[g * s.kernel + k];
            if (!inside(y, x, s)) continue;
            const float* pixel = input + ((n * s.height + y) * s.width + x) * s.channels;
            for (int64_t ch = s.first[g]; ch < s.first[g + 1]; ++ch)
              output[ch] += w[k * s.channels + ch] * pixel[ch];
          }
}

void nchw(const O1dShape& s, const std::vector<double>& w, const float* input, double* output, int64_t batch, Plane out) {
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t g = 0; g < s.groups; ++g)
      for (int64_t ch = s.first[g]; ch < s.first[g + 1]; ++ch, input += int64_t{s.height} * s.width)
        for (int64_t p = 0; p < out.height; ++p)
          for (int64_t q = 0; q < out.width; ++q, ++output)
            for (int64_t k = 0; k < s.kernel; ++k) {
              const int64_t y = p * s.stride + s.dy[g * s.kernel + k], x = q * s.stride + s.dx[g * s.kernel + k];
              if (inside(y, x, s)) *output += w[k * s.channels + ch] * input[y * s.width + x];
            }
}

}  // namespace

void reference(const Shape& shape, const float* weight, const float* bias, bool resid, const float* input,
               double* output, int64_t batch) {
  const O1dShape& s = *shape.c();
  const int64_t round_up = s.stride - 1;
  const Plane out{(s.height + round_up) / s.stride, (s.width + round_up) / s.stride};
  const int64_t pixels = out.height * out.width, elements = shape.output_elements(batch);
  for (int64_t i = 0; i < elements; ++i)
    output[i] = bias ? bias[s.layout == 1 ? i % s.channels : i / pixels % s.channels] : 0.0;
  const std::vector<double> weights = by_tap(s, weight, resid);
  (s.layout == 1 ? nhwc : nchw)(s, weights, input, output, batch, out);
}

}  // namespace oriented1d
