#include <algorithm>
#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace product_f32_i64_o20_n0_g0_r1__cpp_product_m4_n2_u4_r54_c2_p1_t1_s0_code {
namespace {

constexpr int64_t CHANNELS = 64, OUTER = 20;  // of a row of x, of a row of y
constexpr int64_t DEPTH = 64;  // CHANNELS
constexpr int64_t PITCH = 64;  // floats from one row of x to the next, as tiles read it
constexpr int64_t WIDTH = 8, PANELS = 3;  // outputs a panel
constexpr int64_t PANEL = (DEPTH + 1) * WIDTH;  // floats: a panel's bias, then its weights [DEPTH][WIDTH]
constexpr int64_t TILE_ROWS = 4, UNIT_ROWS = 54, UNIT_PANELS = 2, GROUPS = 2;
constexpr int64_t AHEAD = DEPTH / 4 * 1 * 16;  // floats of the next panel that a tile fetches

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

struct Tile {
  const float* x;  // rows, PITCH apart
  const float* w;  // the panel
  const float* residual;
  float* y;
  int64_t pitch;  // floats from one row of y, and of the residual, to the next
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
  Vec<4> a0_0 = load<4>(w), a0_1 = load<4>(w + 4);
  Vec<4> a1_0 = a0_0, a1_1 = a0_1;
  Vec<4> a2_0 = a0_0, a2_1 = a0_1;
  Vec<4> a3_0 = a0_0, a3_1 = a0_1;
  w += WIDTH;
  for (int64_t k = 0; k < DEPTH; k += 4) {
    __builtin_prefetch(next, 0, 2);
    next += next < t.end ? 16 : 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i, ++x, w += WIDTH) {
      const Vec<4> w0 = load<4>(w), w1 = load<4>(w + 4);
      float v;
      { v = x[0 * PITCH];  a0_0 += v * w0;  a0_1 += v * w1; }
      if constexpr (M > 1) { v = x[1 * PITCH];  a1_0 += v * w0;  a1_1 += v * w1; }
      if constexpr (M > 2) { v = x[2 * PITCH];  a2_0 += v * w0;  a2_1 += v * w1; }
      if constexpr (M > 3) { v = x[3 * PITCH];  a3_0 += v * w0;  a3_1 += v * w1; }
    }
  }
  const auto put = [&](int64_t row, int64_t c, Vec<4> v) {
    v += load<4>(t.residual + row * t.pitch + c);
    store<4>(t.y + row * t.pitch + c, v);
  };
  { put(0, 0, a0_0);  put(0, 4, a0_1); }
  if constexpr (M > 1) { put(1, 0, a1_0);  put(1, 4, a1_1); }
  if constexpr (M > 2) { put(2, 0, a2_0);  put(2, 4, a2_1); }
  if constexpr (M > 3) { put(3, 0, a3_0);  put(3, 4, a3_1); }
}

constexpr void (*TILES[])(const Tile&) = {
    tile<1>, tile<2>, tile<3>, tile<4>};

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
  const float* const next = panel + 1 < PANELS ? w + PANEL : call->packed;
  const int64_t width = std::min(WIDTH, OUTER - panel * WIDTH);
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t from = rows * i / tiles, count = rows * (i + 1) / tiles - from;
    const int64_t at = (first + from) * OUTER + panel * WIDTH;
    const Tile whole{.x = call->input + (first + from) * PITCH,
                     .w = w,
                     .residual = call->residual + at,
                     .y = call->output + at,
                     .pitch = OUTER,
                     .next = next + std::min(i * AHEAD, PANEL),
                     .end = next + PANEL,
    };
    if (width < WIDTH) {
      ragged(whole, count, width, scratch);
      continue;
    }
    TILES[count - 1](whole);
  }
}

// Rows are cut into blocks of about equally many. Groups of panels vary fastest: a block stays in the caches for all of them.
int64_t blocks(int64_t count) { return (count + UNIT_ROWS - 1) / UNIT_ROWS; }
int64_t units(int64_t count) { return blocks(count) * GROUPS; }
int64_t packed_floats() { return PANELS * PANEL; }
int64_t scratch_bytes() { return (TILE_ROWS * WIDTH) * int64_t(sizeof(float)); }

void pack(const float* weight, const float* bias, float* packed) {
  for (int64_t panel = 0; panel < PANELS; ++panel)
    for (int64_t k = -1; k < DEPTH; ++k)
      for (int64_t o = panel * WIDTH; o < (panel + 1) * WIDTH; ++o)
        *packed++ = o >= OUTER || k >= CHANNELS ? 0.0f : k < 0 ? (bias ? bias[o] : 0.0f) : weight[o * CHANNELS + k];
}

void run(const O1dOperationCall* call) {
  float* const scratch = static_cast<float*>(call->scratch);
  const int64_t count = call->count, all = blocks(count);
  for (int64_t u = call->begin; u < call->end; ++u) {
    const int64_t block = u / GROUPS, first = count * block / all, rows = count * (block + 1) / all - first;
    const int64_t from = u % GROUPS * UNIT_PANELS;
    const int64_t to = std::min(from + UNIT_PANELS, PANELS);
    for (int64_t panel = from; panel < to; ++panel) multiply(call, first, rows, panel, scratch);
  }
}

}  // namespace

extern "C" const O1dOperation product_f32_i64_o20_n0_g0_r1__cpp_product_m4_n2_u4_r54_c2_p1_t1_s0;
const O1dOperation product_f32_i64_o20_n0_g0_r1__cpp_product_m4_n2_u4_r54_c2_p1_t1_s0 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace product_f32_i64_o20_n0_g0_r1__cpp_product_m4_n2_u4_r54_c2_p1_t1_s0_code
