#include <cstdint>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace pool_f32_p6_c42_code {
namespace {

constexpr int64_t PIXELS = 6, CHANNELS = 42;

// Vectors of L float32 lanes; in memory they may start at any float.
template <int L>
struct Lanes;
template <>
struct Lanes<16> {
  using type = float __attribute__((vector_size(64)));
  using stored = float __attribute__((vector_size(64), aligned(4), may_alias));
};
template <>
struct Lanes<8> {
  using type = float __attribute__((vector_size(32)));
  using stored = float __attribute__((vector_size(32), aligned(4), may_alias));
};
template <>
struct Lanes<4> {
  using type = float __attribute__((vector_size(16)));
  using stored = float __attribute__((vector_size(16), aligned(4), may_alias));
};
template <>
struct Lanes<2> {
  using type = float __attribute__((vector_size(8)));
  using stored = float __attribute__((vector_size(8), aligned(4), may_alias));
};
template <>
struct Lanes<1> {
  using type = float __attribute__((vector_size(4)));
  using stored = float __attribute__((vector_size(4), aligned(4), may_alias));
};
template <int L>
using Vec = typename Lanes<L>::type;

template <int L>
inline Vec<L> load(const float* from) {
  return *reinterpret_cast<const typename Lanes<L>::stored*>(from);
}

template <int L>
inline void store(float* to, Vec<L> value) {
  *reinterpret_cast<typename Lanes<L>::stored*>(to) = value;
}

// Sums are float64: a map may have many pixels.
template <int L>
struct Doubles;
template <>
struct Doubles<8> {
  using type = double __attribute__((vector_size(64)));
};
template <>
struct Doubles<4> {
  using type = double __attribute__((vector_size(32)));
};
template <>
struct Doubles<2> {
  using type = double __attribute__((vector_size(16)));
};
template <>
struct Doubles<1> {
  using type = double __attribute__((vector_size(8)));
};

// V vectors of channels of an image.
template <int L, int V>
void mean(const float* input, float* output) {
  using Sum = typename Doubles<L>::type;
  Sum sum[V] = {};
  for (int64_t p = 0; p < PIXELS; ++p)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sum[v] += __builtin_convertvector(load<L>(input + p * CHANNELS + v * L), Sum);
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) store<L>(output + v * L, __builtin_convertvector(sum[v] / double(PIXELS), Vec<L>));
}

struct Block {
  void (*mean)(const float*, float*);
  int64_t channel;
};

constexpr Block BLOCKS[] = {
    { mean<8, 2>, 0 },
    { mean<8, 3>, 16 },
    { mean<2, 1>, 40 },
};
constexpr int64_t BLOCK_COUNT = sizeof(BLOCKS) / sizeof(Block);

// A unit is a block of channels of an image.
int64_t units(int64_t count) { return count * BLOCK_COUNT; }
int64_t packed_floats() { return 0; }
int64_t scratch_bytes() { return 0; }

void pack(const float*, const float*, float*) {}

void run(const O1dOperationCall* call) {
  for (int64_t u = call->begin; u < call->end; ++u) {
    const Block& block = BLOCKS[u % BLOCK_COUNT];
    const int64_t image = u / BLOCK_COUNT;
    block.mean(call->input + image * PIXELS * CHANNELS + block.channel, call->output + image * CHANNELS + block.channel);
  }
}

}  // namespace

extern "C" const O1dOperation pool_f32_p6_c42;
const O1dOperation pool_f32_p6_c42 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace pool_f32_p6_c42_code
