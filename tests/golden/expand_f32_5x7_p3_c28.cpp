#include <cstdint>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace expand_f32_5x7_p3_c28_code {
namespace {

constexpr int64_t PLANES = 3, CHANNELS = 28, HEIGHT = 5, WIDTH = 7;

// Vectors of L float32 lanes; in memory they may start at any float.
template <int L>
struct Lanes;
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

// A unit is a row of an image.
int64_t units(int64_t count) { return count * HEIGHT; }
int64_t packed_floats() { return (PLANES + 1) * CHANNELS; }
int64_t scratch_bytes() { return 0; }

// Weights [PLANES, CHANNELS], then bias.
void pack(const float* weight, const float* bias, float* packed) {
  for (int64_t c = 0; c < CHANNELS; ++c) {
    for (int64_t p = 0; p < PLANES; ++p) packed[p * CHANNELS + c] = weight[c * PLANES + p];
    packed[PLANES * CHANNELS + c] = bias[c];
  }
}

// V vectors of channels, whose weights stay in registers, of a row of pixels.
template <int L, int V>
inline void expand(const float* input, const float* packed, float* output) {
  Vec<L> weight[PLANES][V], bias[V];
#pragma GCC unroll 32
  for (int v = 0; v < V; ++v) {
#pragma GCC unroll 32
    for (int64_t p = 0; p < PLANES; ++p) weight[p][v] = load<L>(packed + p * CHANNELS + v * L);
    bias[v] = load<L>(packed + PLANES * CHANNELS + v * L);
  }
  for (int64_t x = 0; x < WIDTH; ++x) {
    Vec<L> sum[V];
#pragma GCC unroll 32
    for (int v = 0; v < V; ++v) sum[v] = bias[v];
#pragma GCC unroll 32
    for (int64_t p = 0; p < PLANES; ++p) {
      const float value = input[p * HEIGHT * WIDTH + x];
#pragma GCC unroll 32
      for (int v = 0; v < V; ++v) sum[v] += weight[p][v] * value;
    }
#pragma GCC unroll 32
    for (int v = 0; v < V; ++v) store<L>(output + x * CHANNELS + v * L, sum[v]);
  }
}

void run(const O1dOperationCall* call) {
  for (int64_t u = call->begin; u < call->end; ++u) {
    const float* const input = call->input + u / HEIGHT * PLANES * HEIGHT * WIDTH + u % HEIGHT * WIDTH;
    float* const output = call->output + u * WIDTH * CHANNELS;
    expand<8, 1>(input, call->packed + 0, output + 0);
    expand<8, 2>(input, call->packed + 8, output + 8);
    expand<4, 1>(input, call->packed + 24, output + 24);
  }
}

}  // namespace

extern "C" const O1dOperation expand_f32_5x7_p3_c28;
const O1dOperation expand_f32_5x7_p3_c28 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace expand_f32_5x7_p3_c28_code
