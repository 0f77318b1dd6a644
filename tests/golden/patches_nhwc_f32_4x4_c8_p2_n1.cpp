#include <cstdint>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace patches_nhwc_f32_4x4_c8_p2_n1_code {
namespace {

constexpr int64_t CHANNELS = 8, HEIGHT = 4, WIDTH = 4;
constexpr int64_t SIDE = 2, ROWS = 2, COLUMNS = 2;  // of a patch; patches of an image

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

// A unit is a row of patches.
int64_t units(int64_t count) { return count * ROWS; }
int64_t packed_floats() { return 0; }
int64_t scratch_bytes() { return 0; }

void pack(const float*, const float*, float*) {}

// NHWC: a line of a patch lies in one piece.
void line(const float* from, float* to) {
  for (int64_t x = 0; x < SIDE; ++x)
    normalize(from + x * CHANNELS, to + x * CHANNELS, []<int L>(Vec<L> v, int64_t) { return v; });
}

void run(const O1dOperationCall* call) {
  constexpr int64_t PIXEL = CHANNELS, LINE = SIDE * CHANNELS;
  for (int64_t u = call->begin; u < call->end; ++u) {
    const float* const from = call->input + u / ROWS * HEIGHT * WIDTH * CHANNELS + u % ROWS * SIDE * WIDTH * PIXEL;
    float* const to = call->output + u * COLUMNS * SIDE * LINE;
    for (int64_t y = 0; y < SIDE; ++y)
      for (int64_t column = 0; column < COLUMNS; ++column)
        line(from + (y * WIDTH + column * SIDE) * PIXEL, to + (column * SIDE + y) * LINE);
  }
}

}  // namespace

extern "C" const O1dOperation patches_nhwc_f32_4x4_c8_p2_n1;
const O1dOperation patches_nhwc_f32_4x4_c8_p2_n1 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace patches_nhwc_f32_4x4_c8_p2_n1_code
