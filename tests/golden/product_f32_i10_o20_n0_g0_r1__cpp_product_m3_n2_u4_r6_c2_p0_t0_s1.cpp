#include <algorithm>
#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace product_f32_i10_o20_n0_g0_r1__cpp_product_m3_n2_u4_r6_c2_p0_t0_s1_code {
namespace {

constexpr int64_t CHANNELS = 10, OUTER = 20;  // of a row of x, of a row of y
constexpr int64_t DEPTH = 12;  // CHANNELS, and zeros up to a whole turn of a tile's loop
constexpr int64_t PITCH = 16;  // floats from one row of x to the next, as tiles read it
constexpr int64_t WIDTH = 8, PANELS = 3;  // outputs a panel
constexpr int64_t PANEL = (DEPTH + 1) * WIDTH;  // floats: a panel's bias, then its weights [DEPTH][WIDTH]
constexpr int64_t TILE_ROWS = 3, UNIT_ROWS = 6, UNIT_PANELS = 2, GROUPS = 2;

// Vectors of L float32 lanes; in memory they may start at any float.
template <int L>
struct Lanes;
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

// Calls f with every vector of a row: L lanes from channel c on. Vectors of different A need not wait for one another.
template <class F>
inline void each_vector(const F& f) {
  f.template operator()<4, 0>(0);
  f.template operator()<4, 1>(4);
  f.template operator()<2, 2>(8);
}

// Rows of x as tiles read them.
void stage(const float* x, int64_t rows, float* to) {
  for (int64_t row = 0; row < rows; ++row, x += CHANNELS, to += PITCH) {
    each_vector([&]<int L, int A>(int64_t c) { store<L>(to + c, load<L>(x + c)); });
    for (int64_t c = CHANNELS; c < DEPTH; ++c) to[c] = 0;
  }
}

struct Tile {
  const float* x;  // rows, PITCH apart
  const float* w;  // the panel
  const float* residual;
  float* y;
  int64_t pitch;  // floats from one row of y, and of the residual, to the next
};

// M rows times a panel: one sum a register.
template <int M>
void tile(const Tile& t) {
  const float* x = t.x;
  const float* w = t.w;
  Vec<4> a0_0 = load<4>(w), a0_1 = load<4>(w + 4);
  Vec<4> a1_0 = a0_0, a1_1 = a0_1;
  Vec<4> a2_0 = a0_0, a2_1 = a0_1;
  w += WIDTH;
  for (int64_t k = 0; k < DEPTH; k += 4) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i, ++x, w += WIDTH) {
      const Vec<4> w0 = load<4>(w), w1 = load<4>(w + 4);
      float v;
      { v = x[0 * PITCH];  a0_0 += v * w0;  a0_1 += v * w1; }
      if constexpr (M > 1) { v = x[1 * PITCH];  a1_0 += v * w0;  a1_1 += v * w1; }
      if constexpr (M > 2) { v = x[2 * PITCH];  a2_0 += v * w0;  a2_1 += v * w1; }
    }
  }
  const auto put = [&](int64_t row, int64_t c, Vec<4> v) {
    v += load<4>(t.residual + row * t.pitch + c);
    store<4>(t.y + row * t.pitch + c, v);
  };
  { put(0, 0, a0_0);  put(0, 4, a0_1); }
  if constexpr (M > 1) { put(1, 0, a1_0);  put(1, 4, a1_1); }
  if constexpr (M > 2) { put(2, 0, a2_0);  put(2, 4, a2_1); }
}

constexpr void (*TILES[])(const Tile&) = {
    tile<1>, tile<2>, tile<3>};

// The last panel has fewer outputs than a tile computes: it works on rows of its own in scratch memory.
void ragged(const Tile& whole, int64_t rows, int64_t width, float* aside) {
  for (int64_t row = 0; row < rows; ++row)
    std::memcpy(aside + row * WIDTH, whole.residual + row * OUTER, width * sizeof(float));
  Tile t = whole;
  t.y = aside;
  t.residual = aside;
  t.pitch = WIDTH;
  TILES[rows - 1](t);
  for (int64_t row = 0; row < rows; ++row)
    std::memcpy(whole.y + row * OUTER, aside + row * WIDTH, width * sizeof(float));
}

// A block of rows times a panel, in tiles of about equally many rows.
void multiply(const O1dOperationCall* call, int64_t first, int64_t rows, int64_t panel, float* scratch) {
  const int64_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const float* const w = call->packed + panel * PANEL;
  const int64_t width = std::min(WIDTH, OUTER - panel * WIDTH);
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t from = rows * i / tiles, count = rows * (i + 1) / tiles - from;
    const int64_t at = (first + from) * OUTER + panel * WIDTH;
    const Tile whole{.x = scratch + from * PITCH,
                     .w = w,
                     .residual = call->residual + at,
                     .y = call->output + at,
                     .pitch = OUTER,
    };
    if (width < WIDTH) {
      ragged(whole, count, width, scratch + UNIT_ROWS * PITCH);
      continue;
    }
    TILES[count - 1](whole);
  }
}

// Rows are cut into blocks of about equally many. Groups of panels vary fastest: a block is staged once for all of them.
int64_t blocks(int64_t count) { return (count + UNIT_ROWS - 1) / UNIT_ROWS; }
int64_t units(int64_t count) { return blocks(count) * GROUPS; }
int64_t packed_floats() { return PANELS * PANEL; }
int64_t scratch_bytes() { return (UNIT_ROWS * PITCH + TILE_ROWS * WIDTH) * int64_t(sizeof(float)); }

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
    const int64_t to = std::min(from + UNIT_PANELS, PANELS);
    for (int64_t panel = from; panel < to; ++panel) multiply(call, first, rows, panel, scratch);
  }
}

}  // namespace

extern "C" const O1dOperation product_f32_i10_o20_n0_g0_r1__cpp_product_m3_n2_u4_r6_c2_p0_t0_s1;
const O1dOperation product_f32_i10_o20_n0_g0_r1__cpp_product_m3_n2_u4_r6_c2_p0_t0_s1 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace product_f32_i10_o20_n0_g0_r1__cpp_product_m3_n2_u4_r6_c2_p0_t0_s1_code
