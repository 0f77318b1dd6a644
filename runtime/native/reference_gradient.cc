#include "reference_gradient.h"

#include <algorithm>
#include <vector>

namespace oriented1d {

namespace {

struct Range {
  int64_t begin, end;
};

// Along one axis: the outputs, of `count`, that read one of `size` inputs through a tap's offset.
Range readers(int64_t count, int64_t offset, int64_t stride, int64_t size) {
  const auto below = [=](int64_t limit) {  // how many outputs read before `limit`
    const int64_t room = limit - offset;
    return std::min(count, room > 0 ? (room + stride - 1) / stride : 0);
  };
  return {below(0), below(size)};
}

struct Planes {
  Plane in, out;

  // The outputs that read a pixel through a tap, row by row: body(first output, first input, how many).
  template <class Body>
  void rows(const O1dShape& s, int64_t tap, Body body) const {
    const Range p = readers(out.height, s.dy[tap], s.stride, in.height);
    const Range q = readers(out.width, s.dx[tap], s.stride, in.width);
    for (int64_t row = p.begin; row < p.end; ++row)
      body(row * out.width + q.begin, (row * s.stride + s.dy[tap]) * in.width + q.begin * s.stride + s.dx[tap],
           q.end - q.begin);
  }
};

// Sums [K][C], so that the channels of one tap are neighbours, as the pixels of NHWC have them.
void nhwc(const O1dShape& s, const Planes& planes, const float* x, const float* dy, double* dw, double* db) {
  const int64_t pixels = planes.out.height * planes.out.width;
  for (int64_t i = 0; i < pixels; ++i)
    for (int64_t ch = 0; ch < s.channels; ++ch) db[ch] += dy[i * s.channels + ch];
  for (int64_t g = 0; g < s.groups; ++g)
    for (int64_t k = 0; k < s.kernel; ++k)
      planes.rows(s, g * s.kernel + k, [&](int64_t out, int64_t in, int64_t count) {
        double* sums = dw + k * s.channels;
        for (int64_t q = 0; q < count; ++q) {
          const float *gradient = dy + (out + q) * s.channels, *value = x + (in + q * s.stride) * s.channels;
          for (int64_t ch = s.first[g]; ch < s.first[g + 1]; ++ch) sums[ch] += double(gradient[ch]) * value[ch];
        }
      });
}

void nchw(const O1dShape& s, const Planes& planes, const float* x, const float* dy, double* dw, double* db) {
  const int64_t read = planes.in.height * planes.in.width, pixels = planes.out.height * planes.out.width;
  for (int64_t g = 0; g < s.groups; ++g)
    for (int64_t ch = s.first[g]; ch < s.first[g + 1]; ++ch, x += read, dy += pixels) {
      for (int64_t i = 0; i < pixels; ++i) db[ch] += dy[i];
      for (int64_t k = 0; k < s.kernel; ++k)
        planes.rows(s, g * s.kernel + k, [&](int64_t out, int64_t in, int64_t count) {
          double sum = 0;
          for (int64_t q = 0; q < count; ++q) sum += double(dy[out + q]) * x[in + q * s.stride];
          dw[k * s.channels + ch] += sum;
        });
    }
}

}  // namespace

void reference_gradient(const Shape& shape, const float* input, const float* grad, double* weight_grad,
                        double* bias_grad, int64_t batch) {
  const O1dShape& s = *shape.c();
  const Planes planes{shape.input(), shape.output()};
  const int64_t read = shape.input_elements(1), pixels = shape.output_elements(1);
  std::vector<double> sums(shape.weight_elements());
  std::fill_n(bias_grad, s.channels, 0.0);
  for (int64_t n = 0; n < batch; ++n)
    (s.layout == 1 ? nhwc : nchw)(s, planes, input + n * read, grad + n * pixels, sums.data(), bias_grad);
  for (int64_t ch = 0; ch < s.channels; ++ch)
    for (int64_t k = 0; k < s.kernel; ++k) weight_grad[ch * s.kernel + k] = sums[k * s.channels + ch];
}

}  // namespace oriented1d
