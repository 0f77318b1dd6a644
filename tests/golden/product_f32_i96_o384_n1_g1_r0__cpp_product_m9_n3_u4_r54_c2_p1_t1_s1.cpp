#include <algorithm>
#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace product_f32_i96_o384_n1_g1_r0__cpp_product_m9_n3_u4_r54_c2_p1_t1_s1_code {
namespace {

constexpr int64_t CHANNELS = 96, OUTER = 384;  // of a row of x, of a row of y
constexpr int64_t DEPTH = 96;  // CHANNELS
constexpr int64_t PITCH = 112;  // floats from one row of x to the next, as tiles read it
constexpr int64_t WIDTH = 48, PANELS = 8;  // outputs a panel
constexpr int64_t PANEL = (DEPTH + 1) * WIDTH;  // floats: a panel's bias, then its weights [DEPTH][WIDTH]
constexpr int64_t TILE_ROWS = 9, UNIT_ROWS = 54, UNIT_PANELS = 2, GROUPS = 4;
constexpr int64_t AHEAD = DEPTH / 4 * 1 * 16;  // floats of the next panel that a tile fetches

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

// GELU, x * Phi(x) = max(x, 0) - a * Q(a), where a = |x| and Q(a) = erfc(a / sqrt(2)) / 2. The fourth root of Q bends so little
// that a polynomial of degree 10 is enough; it was fitted in float64, to the least maximum of the error of a * Q(a), and is
// zero at 6.2, where a * Q(a) is 2e-9. Error: 3e-8 and float32's rounding. Needs cpp/vector.
template <int L>
inline Vec<L> gelu(Vec<L> x) {
  const Vec<L> zero{}, end = zero + 6.2f;
  const Vec<L> size = -x > x ? -x : x;
  const Vec<L> a = end < size ? end : size;  // a NaN stays one
  Vec<L> root = zero + 3.545561711e-08f;
  root = root * a - 5.915518386e-07f;
  root = root * a + 5.035030881e-07f;
  root = root * a + 4.566109419e-05f;
  root = root * a - 2.872713958e-04f;
  root = root * a - 4.329034709e-05f;
  root = root * a + 3.776924219e-03f;
  root = root * a + 4.676693119e-03f;
  root = root * a - 5.021075904e-02f;
  root = root * a - 1.677318513e-01f;
  root = root * a + 8.408963680e-01f;
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
template <>
inline float across<16>(Vec<16> v) {
  return across<8>(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                   __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
}

// Calls f with every vector of a row: L lanes from channel c on. Vectors of different A need not wait for one another.
template <class F>
inline void each_vector(const F& f) {
  for (int64_t c = 0; c < 64; c += 64) {
    f.template operator()<16, 0>(c + 0);
    f.template operator()<16, 1>(c + 16);
    f.template operator()<16, 2>(c + 32);
    f.template operator()<16, 3>(c + 48);
  }
  f.template operator()<16, 0>(64);
  f.template operator()<16, 1>(80);
}

// A sum over a row's channels: 4 vectors side by side, and what is left of vectors that are narrower.
struct Sum {
  Vec<16> wide[4] = {};
  float rest = 0;

  template <int L, int A>
  inline void add(Vec<L> v) {
    if constexpr (L == 16)
      wide[A] += v;
    else
      rest += across<L>(v);
  }
  inline float total() const {
    Vec<16> sum = wide[0];
    for (int i = 1; i < 4; ++i) sum += wide[i];
    return across<16>(sum) + rest;
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

// Rows of x as tiles read them.
void stage(const float* x, int64_t rows, float* to) {
  for (int64_t row = 0; row < rows; ++row, x += CHANNELS, to += PITCH) {
    normalize(x, to, []<int L>(Vec<L> v, int64_t) { return v; });
  }
}

struct Tile {
  const float* x;  // rows, PITCH apart
  const float* w;  // the panel
  float* y;
  int64_t pitch;  // floats from one row of y to the next
  const float* next;  // of the panel that follows: to be fetched ahead, up to `end`
  const float* end;
};

// M rows times a panel: one sum a register.
template <int M>
void tile(const Tile& t) {
  const float* x = t.x;
  const float* w = t.w;
  const float* next = t.next;
  for (int row = 0; row < M; ++row)
    for (int64_t c = 0; c < WIDTH; c += 16) __builtin_prefetch(t.y + row * t.pitch + c, 1);
  Vec<16> a0_0 = load<16>(w), a0_1 = load<16>(w + 16), a0_2 = load<16>(w + 32);
  Vec<16> a1_0 = a0_0, a1_1 = a0_1, a1_2 = a0_2;
  Vec<16> a2_0 = a0_0, a2_1 = a0_1, a2_2 = a0_2;
  Vec<16> a3_0 = a0_0, a3_1 = a0_1, a3_2 = a0_2;
  Vec<16> a4_0 = a0_0, a4_1 = a0_1, a4_2 = a0_2;
  Vec<16> a5_0 = a0_0, a5_1 = a0_1, a5_2 = a0_2;
  Vec<16> a6_0 = a0_0, a6_1 = a0_1, a6_2 = a0_2;
  Vec<16> a7_0 = a0_0, a7_1 = a0_1, a7_2 = a0_2;
  Vec<16> a8_0 = a0_0, a8_1 = a0_1, a8_2 = a0_2;
  w += WIDTH;
  for (int64_t k = 0; k < DEPTH; k += 4) {
    __builtin_prefetch(next, 0, 2);
    next += next < t.end ? 16 : 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i, ++x, w += WIDTH) {
      const Vec<16> w0 = load<16>(w), w1 = load<16>(w + 16), w2 = load<16>(w + 32);
      float v;
      { v = x[0 * PITCH];  a0_0 += v * w0;  a0_1 += v * w1;  a0_2 += v * w2; }
      if constexpr (M > 1) { v = x[1 * PITCH];  a1_0 += v * w0;  a1_1 += v * w1;  a1_2 += v * w2; }
      if constexpr (M > 2) { v = x[2 * PITCH];  a2_0 += v * w0;  a2_1 += v * w1;  a2_2 += v * w2; }
      if constexpr (M > 3) { v = x[3 * PITCH];  a3_0 += v * w0;  a3_1 += v * w1;  a3_2 += v * w2; }
      if constexpr (M > 4) { v = x[4 * PITCH];  a4_0 += v * w0;  a4_1 += v * w1;  a4_2 += v * w2; }
      if constexpr (M > 5) { v = x[5 * PITCH];  a5_0 += v * w0;  a5_1 += v * w1;  a5_2 += v * w2; }
      if constexpr (M > 6) { v = x[6 * PITCH];  a6_0 += v * w0;  a6_1 += v * w1;  a6_2 += v * w2; }
      if constexpr (M > 7) { v = x[7 * PITCH];  a7_0 += v * w0;  a7_1 += v * w1;  a7_2 += v * w2; }
      if constexpr (M > 8) { v = x[8 * PITCH];  a8_0 += v * w0;  a8_1 += v * w1;  a8_2 += v * w2; }
    }
  }
  const auto put = [&](int64_t row, int64_t c, Vec<16> v) {
    store<16>(t.y + row * t.pitch + c, v);
  };
  { put(0, 0, a0_0);  put(0, 16, a0_1);  put(0, 32, a0_2); }
  if constexpr (M > 1) { put(1, 0, a1_0);  put(1, 16, a1_1);  put(1, 32, a1_2); }
  if constexpr (M > 2) { put(2, 0, a2_0);  put(2, 16, a2_1);  put(2, 32, a2_2); }
  if constexpr (M > 3) { put(3, 0, a3_0);  put(3, 16, a3_1);  put(3, 32, a3_2); }
  if constexpr (M > 4) { put(4, 0, a4_0);  put(4, 16, a4_1);  put(4, 32, a4_2); }
  if constexpr (M > 5) { put(5, 0, a5_0);  put(5, 16, a5_1);  put(5, 32, a5_2); }
  if constexpr (M > 6) { put(6, 0, a6_0);  put(6, 16, a6_1);  put(6, 32, a6_2); }
  if constexpr (M > 7) { put(7, 0, a7_0);  put(7, 16, a7_1);  put(7, 32, a7_2); }
  if constexpr (M > 8) { put(8, 0, a8_0);  put(8, 16, a8_1);  put(8, 32, a8_2); }
  for (int row = 0; row < M; ++row)
    for (int64_t c = 0; c < WIDTH; c += 16) {
      float* const y = t.y + row * t.pitch + c;
      store<16>(y, gelu<16>(load<16>(y)));
    }
}

constexpr void (*TILES[])(const Tile&) = {
    tile<1>, tile<2>, tile<3>, tile<4>, tile<5>, tile<6>, tile<7>, tile<8>, tile<9>};

// A block of rows times a panel, in tiles of about equally many rows.
void multiply(const O1dOperationCall* call, int64_t first, int64_t rows, int64_t panel, float* scratch) {
  const int64_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const float* const w = call->packed + panel * PANEL;
  const float* const next = panel + 1 < PANELS ? w + PANEL : call->packed;
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t from = rows * i / tiles, count = rows * (i + 1) / tiles - from;
    const int64_t at = (first + from) * OUTER + panel * WIDTH;
    const Tile whole{.x = scratch + from * PITCH,
                     .w = w,
                     .y = call->output + at,
                     .pitch = OUTER,
                     .next = next + std::min(i * AHEAD, PANEL),
                     .end = next + PANEL,
    };
    TILES[count - 1](whole);
  }
}

// Rows are cut into blocks of about equally many. Groups of panels vary fastest: a block is staged once for all of them.
int64_t blocks(int64_t count) { return (count + UNIT_ROWS - 1) / UNIT_ROWS; }
int64_t units(int64_t count) { return blocks(count) * GROUPS; }
int64_t packed_floats() { return PANELS * PANEL; }
int64_t scratch_bytes() { return (UNIT_ROWS * PITCH) * int64_t(sizeof(float)); }

void pack(const float* weight, const float* bias, float* packed) {
  for (int64_t panel = 0; panel < PANELS; ++panel)
    for (int64_t k = -1; k < DEPTH; ++k)
      for (int64_t o = panel * WIDTH; o < (panel + 1) * WIDTH; ++o)
        *packed++ = o >= OUTER || k >= CHANNELS ? 0.0f : k < 0 ? (bias ? bias[o] : 0.0f) : weight[o * CHANNELS + k];
}

void run(const O1dOperationCall* call) {
  float* const scratch = static_cast<float*>(call->scratch);
  const int64_t count = call->count, all = blocks(count);
  int64_t last = -1;
  for (int64_t u = call->begin; u < call->end; ++u) {
    const int64_t block = u / GROUPS, first = count * block / all, rows = count * (block + 1) / all - first;
    if (block != last) stage(call->input + first * CHANNELS, rows, scratch);
    last = block;
    const int64_t from = u % GROUPS * UNIT_PANELS;
    const int64_t to = from + UNIT_PANELS;
    for (int64_t panel = from; panel < to; ++panel) multiply(call, first, rows, panel, scratch);
  }
}

}  // namespace

extern "C" const O1dOperation product_f32_i96_o384_n1_g1_r0__cpp_product_m9_n3_u4_r54_c2_p1_t1_s1;
const O1dOperation product_f32_i96_o384_n1_g1_r0__cpp_product_m9_n3_u4_r54_c2_p1_t1_s1 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace product_f32_i96_o384_n1_g1_r0__cpp_product_m9_n3_u4_r54_c2_p1_t1_s1_code
