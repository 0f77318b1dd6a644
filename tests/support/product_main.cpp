// Runs emitted products under AddressSanitizer and UndefinedBehaviorSanitizer and compares them with float64: every array
// has its exact size, so that a read or write beside it ends the program. `cases` is appended by the test.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "oriented1d_kernel.h"

struct Product {
  const O1dOperation* kernel;
  int64_t count, inner, outer;
  bool normalize;
  int gelu;  // 0: none, 1: exact, 2: by tanh
  bool residual, bias;
};

struct Freed {
  void operator()(float* array) const { ::operator delete(array, std::align_val_t(64)); }
};

static std::unique_ptr<float[], Freed> floats(int64_t n) {
  return std::unique_ptr<float[], Freed>(static_cast<float*>(::operator new(n * sizeof(float), std::align_val_t(64))));
}

// Between -1 and 1, of no order that a sum could profit from.
static std::unique_ptr<float[], Freed> filled(int64_t n, uint32_t seed) {
  auto array = floats(n);
  for (int64_t i = 0; i < n; ++i) {
    seed = seed * 1664525 + 1013904223;
    array[i] = float(int32_t(seed) >> 8) / (1 << 23);
  }
  return array;
}

static std::vector<double> row_of(const Product& p, const float* x) {
  std::vector<double> row(x, x + p.inner);
  if (!p.normalize) return row;
  double mean = 0, variance = 0;
  for (double v : row) mean += v / p.inner;
  for (double v : row) variance += (v - mean) * (v - mean) / p.inner;
  for (double& v : row) v = (v - mean) / std::sqrt(variance + 1e-6);
  return row;
}

struct Operands {
  std::unique_ptr<float[], Freed> x, weight, bias, residual;
};

static void compare(const Product& p, const Operands& given, const float* y) {
  for (int64_t r = 0; r < p.count; ++r) {
    const std::vector<double> row = row_of(p, given.x.get() + r * p.inner);
    for (int64_t o = 0; o < p.outer; ++o, ++y) {
      double sum = p.bias ? given.bias[o] : 0, size = std::fabs(sum) + 1;
      for (int64_t k = 0; k < p.inner; ++k) {
        const double term = row[k] * given.weight[o * p.inner + k];
        sum += term;
        size += std::fabs(term);
      }
      if (p.gelu == 1) sum *= 0.5 * std::erfc(-sum / std::sqrt(2.0));
      if (p.gelu == 2) sum *= 0.5 * (1 + std::tanh(std::sqrt(2 / M_PI) * (sum + 0.044715 * sum * sum * sum)));
      if (p.residual) sum += given.residual[r * p.outer + o];
      if (std::fabs(*y - sum) <= 3e-7 * size) continue;
      std::printf("row %ld, output %ld: %.9g, not %.9g\n", long(r), long(o), double(*y), sum);
      std::exit(1);
    }
  }
}

// Pieces with scratch of their own, as threads would have.
static void run_pieces(const Product& p, O1dOperationCall call, int pieces) {
  const int64_t units = p.kernel->units(p.count), bytes = (p.kernel->scratch_bytes() + 63) / 64 * 64;
  for (int piece = 0; piece < pieces; ++piece) {
    const std::unique_ptr<void, decltype(&std::free)> scratch(std::aligned_alloc(64, bytes), std::free);
    call.begin = units * piece / pieces;
    call.end = units * (piece + 1) / pieces;
    call.scratch = scratch.get();
    p.kernel->run(&call);
  }
}

static void run_case(const Product& p) {
  const Operands given{filled(p.count * p.inner, 1), filled(p.outer * p.inner, 2), filled(p.outer, 3),
                       filled(p.count * p.outer, 4)};
  const auto packed = floats(p.kernel->packed_floats()), y = floats(p.count * p.outer);
  p.kernel->pack(given.weight.get(), p.bias ? given.bias.get() : nullptr, packed.get());
  const float* const residual = p.residual ? given.residual.get() : nullptr;
  for (int64_t i = 0; i < p.count * p.outer; ++i) y[i] = NAN;
  const O1dOperationCall call{given.x.get(), packed.get(), residual, y.get(), p.count, 0, 0, nullptr};
  run_pieces(p, call, 3);
  compare(p, given, y.get());
  if (!p.residual) return;
  const auto in_place = filled(p.count * p.outer, 4);
  run_pieces(p, {given.x.get(), packed.get(), in_place.get(), in_place.get(), p.count, 0, 0, nullptr}, 1);
  compare(p, given, in_place.get());
}
