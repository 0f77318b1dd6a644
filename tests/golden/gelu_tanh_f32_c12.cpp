#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace gelu_tanh_f32_c12_code {
namespace {

constexpr int64_t CHANNELS = 12;

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

// GELU by tanh, max(x, 0) - a * Q(a), where a = |x| and Q(a) = 1 / (1 + exp(2 sqrt(2/pi) (a + 0.044715 a^3))). The fourth root
// of Q over 5.6 - a is a polynomial of degree 10, fitted in float64 to the least maximum of the error of a * Q(a); at 5.6
// and beyond, where a * Q(a) is at most 3e-9, it is taken for zero. Error: 4e-8 and float32's rounding. Needs cpp/vector.
template <int L>
inline Vec<L> gelu(Vec<L> x) {
  const Vec<L> zero{}, end = zero + 5.6f;
  const Vec<L> size = -x > x ? -x : x;
  const Vec<L> a = end < size ? end : size;  // a NaN stays one
  Vec<L> root = zero + 7.900435861e-08f;
  root = root * a - 1.142339215e-06f;
  root = root * a + 5.009364486e-06f;
  root = root * a + 2.640883622e-06f;
  root = root * a - 8.216487186e-05f;
  root = root * a + 1.698018314e-04f;
  root = root * a + 4.429374821e-04f;
  root = root * a - 7.827848895e-04f;
  root = root * a - 9.546104819e-03f;
  root = root * a - 3.134621307e-03f;
  root = root * a + 1.501598805e-01f;
  root *= end - a;
  const Vec<L> square = root * root;
  return (x > zero ? x : zero) - a * square * square;
}

// A unit is a row. Rows follow one another, so that only the last of a piece has a vector that is not whole.
int64_t units(int64_t count) { return count; }
int64_t packed_floats() { return 0; }
int64_t scratch_bytes() { return 0; }

void pack(const float*, const float*, float*) {}

void run(const O1dOperationCall* call) {
  constexpr int L = 16;
  const float* const input = call->input;
  float* const output = call->output;
  const int64_t end = call->end * CHANNELS;
  int64_t i = call->begin * CHANNELS;
  for (; i + L <= end; i += L) store<L>(output + i, gelu<L>(load<L>(input + i)));
  if (i < end) {
    const size_t bytes = (end - i) * sizeof(float);
    Vec<L> rest = {};
    std::memcpy(&rest, input + i, bytes);
    rest = gelu<L>(rest);
    std::memcpy(output + i, &rest, bytes);
  }
}

}  // namespace

extern "C" const O1dOperation gelu_tanh_f32_c12;
const O1dOperation gelu_tanh_f32_c12 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace gelu_tanh_f32_c12_code
