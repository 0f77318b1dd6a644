// Runs emitted gradient kernels against their definition in float64. Every array has its exact size, so that under
// AddressSanitizer a read or write beside it ends the program. A test appends the cases.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <vector>

#include "oriented1d_kernel.h"

struct Freed {
  void operator()(float* array) const { ::operator delete(array, std::align_val_t(64)); }
};

// Aligned, as streamed stores want it. What is not written is not a number.
struct Array {
  explicit Array(int64_t size)
      : size(size), data(static_cast<float*>(::operator new(size * sizeof(float), std::align_val_t(64)))) {
    std::fill_n(data.get(), size, NAN);
  }
  float* get() const { return data.get(); }
  int64_t size;
  std::unique_ptr<float[], Freed> data;
};

// Whole numbers from -8 to 8, whose sums of products are exact in float32, or fractions from -1 to 1.
static Array numbers(int64_t size, uint32_t seed, bool whole) {
  Array array(size);
  std::mt19937 random(seed);
  for (int64_t i = 0; i < size; ++i)
    array.get()[i] = whole ? float(random() % 17) - 8 : float(random() >> 8) / float(1 << 23) - 1;
  return array;
}

struct Layer {
  const O1dShape& s;
  int64_t batch, out_height = (s.height + s.stride - 1) / s.stride, out_width = (s.width + s.stride - 1) / s.stride;
  int64_t pixels() const { return batch * s.channels * s.height * s.width; }
  int64_t out_pixels() const { return batch * s.channels * out_height * out_width; }
  int64_t at(int64_t n, int64_t c, int64_t y, int64_t x, int64_t height, int64_t width) const {
    return s.layout == 1 ? ((n * height + y) * width + x) * s.channels + c : ((n * s.channels + c) * height + y) * width + x;
  }
};

struct Gradients {
  std::vector<double> input, weight, bias;
};

// Product by product, as the gradients are defined.
static Gradients defined(const Layer& l, const float* x, const float* dy, const float* w, float centre) {
  const O1dShape& s = l.s;
  Gradients g{std::vector<double>(l.pixels()), std::vector<double>(s.channels * s.kernel), std::vector<double>(s.channels)};
  for (int64_t n = 0; n < l.batch; ++n)
    for (int64_t c = 0, group = 0; c < s.channels; ++c) {
      while (c >= s.first[group + 1]) ++group;
      for (int64_t p = 0; p < l.out_height; ++p)
        for (int64_t q = 0; q < l.out_width; ++q) {
          const double value = dy[l.at(n, c, p, q, l.out_height, l.out_width)];
          g.bias[c] += value;
          for (int64_t k = 0; k < s.kernel; ++k) {
            const int64_t y = p * s.stride + s.dy[group * s.kernel + k], at = q * s.stride + s.dx[group * s.kernel + k];
            if (y < 0 || y >= s.height || at < 0 || at >= s.width) continue;
            const int64_t i = l.at(n, c, y, at, s.height, s.width);
            g.input[i] += value * (w[c * s.kernel + k] + (k == s.kernel / 2 ? centre : 0.0f));
            g.weight[c * s.kernel + k] += value * x[i];
          }
        }
    }
  return g;
}

static void require(const char* name, const char* what, const Array& actual, const std::vector<double>& expected, bool exact) {
  double error = 0, norm = 0;
  for (int64_t i = 0; i < actual.size; ++i) {
    const double difference = actual.get()[i] - expected[i];
    if (std::isnan(difference) || (exact && difference != 0)) {
      std::printf("%s: %s[%d] is %g, not %g\n", name, what, int(i), actual.get()[i], expected[i]);
      std::exit(1);
    }
    error += difference * difference;
    norm += expected[i] * expected[i];
  }
  // Of sums of some thousand products in float32.
  if (std::sqrt(error) <= 3e-6 * std::sqrt(norm)) return;
  std::printf("%s: the error of %s is %g of %g\n", name, what, std::sqrt(error), std::sqrt(norm));
  std::exit(1);
}

// The units in `threads` pieces, the last one first, with a scratch each.
template <class Call, class Kernel>
void run_in(int64_t threads, int64_t units, const Kernel& kernel, Call call) {
  for (int64_t thread = threads - 1; thread >= 0; --thread) {
    const Array scratch(kernel.scratch_bytes(call.shape) / int64_t(sizeof(float)));
    call.begin = thread * units / threads;
    call.end = (thread + 1) * units / threads;
    call.scratch = scratch.get();
    kernel.run(&call);
  }
}

struct Results {
  Array input, weight, bias;
};

static Results run(const O1dGradient& kernel, const Layer& l, const Array& x, const Array& dy, const Array& w, int64_t threads) {
  const O1dShape* s = &l.s;
  const bool backward = kernel.packed_floats(s) > 0;
  Results results{Array(backward ? l.pixels() : 0), Array(w.size), Array(s->channels)};
  const Array packed(kernel.packed_floats(s)), partial(kernel.partial_floats(s, l.batch));
  kernel.pack(s, w.get(), 1.0f, packed.get());
  run_in(threads, kernel.units(s, l.batch), kernel,
         O1dGradientCall{s, x.get(), dy.get(), backward ? packed.get() : nullptr, backward ? results.input.get() : nullptr,
                         partial.get(), l.batch, 0, 0, nullptr});
  kernel.reduce(s, l.batch, partial.get(), results.weight.get(), results.bias.get());
  return results;
}

static Results run(const O1dKernel& kernel, const Layer& l, const Array&, const Array& dy, const Array& w, int64_t threads) {
  const O1dShape* s = &l.s;
  Results results{Array(l.pixels()), Array(0), Array(0)};
  const Array packed(kernel.packed_floats(s));
  kernel.pack(s, w.get(), nullptr, 1.0f, packed.get());
  run_in(threads, kernel.units(s, l.batch), kernel,
         O1dCall{s, dy.get(), packed.get(), results.input.get(), l.batch, 0, 0, nullptr});
  return results;
}

static bool same(const Array& a, const Array& b) { return std::equal(a.get(), a.get() + a.size, b.get()); }

template <class Kernel>
void run_case(const char* name, const Kernel& kernel, const O1dShape& shape, int64_t batch) {
  const Layer l{shape, batch};
  for (const bool whole : {true, false}) {
    const Array x = numbers(l.pixels(), 1, whole), dy = numbers(l.out_pixels(), 2, whole);
    const Array w = numbers(int64_t(shape.channels) * shape.kernel, 3, whole);
    const Results one = run(kernel, l, x, dy, w, 1), three = run(kernel, l, x, dy, w, 3);
    if (!same(one.input, three.input) || !same(one.weight, three.weight) || !same(one.bias, three.bias)) {
      std::printf("%s: three threads do not give what one gives\n", name);
      std::exit(1);
    }
    const Gradients expected = defined(l, x.get(), dy.get(), w.get(), 1.0f);
    if (one.input.size > 0) require(name, "dx", one.input, expected.input, whole);
    if (one.weight.size > 0) require(name, "dw", one.weight, expected.weight, whole);
    if (one.bias.size > 0) require(name, "db", one.bias, expected.bias, whole);
  }
}
