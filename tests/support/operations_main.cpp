// Runs emitted kernels of operations under AddressSanitizer and UndefinedBehaviorSanitizer: every array has its exact
// size, so that a read or write beside it ends the program. `cases` is appended by the test.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "oriented1d_kernel.h"

struct Case {
  const O1dOperation* kernel;
  int64_t count, input, output, weight, bias;
  bool in_place;  // whether the output may be the input
};

static std::unique_ptr<float[]> filled(int64_t n) {
  std::unique_ptr<float[]> array(new float[n]);
  for (int64_t i = 0; i < n; ++i) array[i] = float(i % 7) - 3;
  return array;
}

// Three pieces with scratch of their own, as three threads would have.
static void run_pieces(const Case& c, const float* input, const float* packed, float* output) {
  const int64_t units = c.kernel->units(c.count);
  for (int piece = 0; piece < 3; ++piece) {
    const int64_t bytes = (c.kernel->scratch_bytes() + 63) / 64 * 64;
    const std::unique_ptr<void, decltype(&std::free)> scratch(std::aligned_alloc(64, bytes), std::free);
    const O1dOperationCall call{input,   packed, nullptr, output, c.count, units * piece / 3, units * (piece + 1) / 3,
                                scratch.get()};
    c.kernel->run(&call);
  }
}

static void run_case(const Case& c) {
  const auto input = filled(c.input), weight = filled(c.weight), bias = filled(c.bias);
  const std::unique_ptr<float[]> output(new float[c.output]), packed(new float[c.kernel->packed_floats()]);
  for (int64_t i = 0; i < c.output; ++i) output[i] = NAN;
  c.kernel->pack(c.weight ? weight.get() : nullptr, c.bias ? bias.get() : nullptr, packed.get());
  run_pieces(c, input.get(), packed.get(), output.get());
  for (int64_t i = 0; i < c.output; ++i)
    if (std::isnan(output[i])) std::abort();
  if (!c.in_place) return;
  run_pieces(c, input.get(), packed.get(), input.get());
  for (int64_t i = 0; i < c.output; ++i)
    if (input[i] != output[i]) std::abort();
}
