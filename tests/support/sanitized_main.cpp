// Runs emitted kernels under AddressSanitizer and UndefinedBehaviorSanitizer: every array has its exact size, so that
// a read or write beside it ends the program. `cases` is appended by the test.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>

#include "oriented1d_kernel.h"

struct Freed {
  void operator()(float* array) const { ::operator delete(array, std::align_val_t(64)); }
};

struct Case {
  const O1dKernel* kernel;
  int64_t batch, input, output, weight, channels;
};

static void run_case(const Case& c) {
  // Aligned, as streamed stores want it, and of exact size.
  const auto floats = [](int64_t n) {
    return std::unique_ptr<float[], Freed>(static_cast<float*>(::operator new(n * sizeof(float), std::align_val_t(64))));
  };
  const auto filled = [&](int64_t n) {
    auto array = floats(n);
    for (int64_t i = 0; i < n; ++i) array[i] = float(i % 7) - 3;
    return array;
  };
  const auto input = filled(c.input), weight = filled(c.weight), bias = filled(c.channels);
  const auto output = floats(c.output), packed = floats(c.kernel->packed_floats(nullptr));
  for (int64_t i = 0; i < c.output; ++i) output[i] = NAN;
  c.kernel->pack(nullptr, weight.get(), bias.get(), 1.0f, packed.get());
  const int64_t units = c.kernel->units(nullptr, c.batch);
  // Two halves with a scratch each, as two threads would have.
  for (int half = 0; half < 2; ++half) {
    const int64_t bytes = (c.kernel->scratch_bytes(nullptr) + 63) / 64 * 64;
    const std::unique_ptr<void, decltype(&std::free)> scratch(std::aligned_alloc(64, bytes), std::free);
    const O1dCall call{nullptr,      input.get(), packed.get(), output.get(), c.batch, half == 0 ? 0 : units / 2,
                       half == 0 ? units / 2 : units, scratch.get()};
    c.kernel->run(&call);
  }
  for (int64_t i = 0; i < c.output; ++i)
    if (std::isnan(output[i])) std::abort();
}
