#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace norm_f32_c20_a0_g2_code {
namespace {

constexpr int64_t CHANNELS = 20;

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

constexpr float EPSILON = 1e-6f;

// The sum of a vector's lanes, halves first.
template <int L>
inline float across(Vec<L> v);
template <>
inline float across<1>(Vec<1> v) {
  return v[0];
}
template <>
inline float across<2>(Vec<2> v) {
  return across<1>(__builtin_shufflevector(v, v, 0) +
                   __builtin_shufflevector(v, v, 1));
}
template <>
inline float across<4>(Vec<4> v) {
  return across<2>(__builtin_shufflevector(v, v, 0, 1) +
                   __builtin_shufflevector(v, v, 2, 3));
}
template <>
inline float across<8>(Vec<8> v) {
  return across<4>(__builtin_shufflevector(v, v, 0, 1, 2, 3) +
                   __builtin_shufflevector(v, v, 4, 5, 6, 7));
}

// Calls f with every vector of a row: L lanes from channel c on. Vectors of different A need not wait for one another.
template <class F>
inline void each_vector(const F& f) {
  f.template operator()<8, 0>(0);
  f.template operator()<8, 1>(8);
  f.template operator()<4, 2>(16);
}

// A sum over a row's channels: 4 vectors side by side, and what is left of vectors that are narrower.
struct Sum {
  Vec<8> wide[4] = {};
  float rest = 0;

  template <int L, int A>
  inline void add(Vec<L> v) {
    if constexpr (L == 8)
      wide[A] += v;
    else
      rest += across<L>(v);
  }
  inline float total() const {
    Vec<8> sum = wide[0];
    for (int i = 1; i < 4; ++i) sum += wide[i];
    return across<8>(sum) + rest;
  }
};

// Subtracts a row's mean and divides by its standard deviation. The mean comes first, so that the squares are of small
// numbers: the row is in the L1 cache when it is read again. `y` may be `x`.
template <class Finish>
inline void normalize(const float* x, float* y, const Finish& finish) {
  Sum sum, squares;
  each_vector([&]<int L, int A>(int64_t c) { sum.template add<L, A>(load<L>(x + c)); });
  const float mean = sum.total() / CHANNELS;
  each_vector([&]<int L, int A>(int64_t c) {
    const Vec<L> v = load<L>(x + c) - mean;
    squares.template add<L, A>(v * v);
  });
  const float scale = 1 / __builtin_sqrtf(squares.total() / CHANNELS + EPSILON);
  each_vector([&]<int L, int A>(int64_t c) {
    store<L>(y + c, finish.template operator()<L>((load<L>(x + c) - mean) * scale, c));
  });
}

// A unit is a row.
int64_t units(int64_t count) { return count; }
int64_t packed_floats() { return 0; }
int64_t scratch_bytes() { return 0; }

void pack(const float*, const float*, float*) {}

void run(const O1dOperationCall* call) {
  for (int64_t row = call->begin; row < call->end; ++row)
    normalize(call->input + row * CHANNELS, call->output + row * CHANNELS, [&]<int L>(Vec<L> v, int64_t) {
      return gelu<L>(v);
    });
}

}  // namespace

extern "C" const O1dOperation norm_f32_c20_a0_g2;
const O1dOperation norm_f32_c20_a0_g2 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace norm_f32_c20_a0_g2_code
