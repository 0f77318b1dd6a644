#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace fprop_nhwc_f32_8x8_s1_k3x3_c32__cpp_sheared_t4_l16_d1_b0_p1_s1_code {
namespace {

constexpr int64_t CHANNELS = 32, HEIGHT = 8, WIDTH = 8, STRIDE = 1;
constexpr int64_t OUT_HEIGHT = 8, OUT_WIDTH = 8;
constexpr int64_t BAND = 8, BANDS = 1;  // output rows a band, bands an image

// Vectors of L float32 lanes; in memory they may start at any float.
template <int L>
struct Lanes;
template <>
struct Lanes<16> {
  using type = float __attribute__((vector_size(64)));
  using stored = float __attribute__((vector_size(64), aligned(4), may_alias));
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

// Whole lines leave past the cache: they are not read before they are written, nor do they evict what is staged.
template <int L>
inline void stream(float* to, Vec<L> value, bool aligned) {
  if constexpr (L == 16) {
    if (aligned) return __builtin_ia32_movntps512(to, value);
  }
  store<L>(to, value);
}

inline void stream_fence() { __builtin_ia32_sfence(); }

// What the next unit will stage, drawn into the cache a few lines a tile while this one computes.
struct Ahead {
  const float* next = nullptr;
  int64_t left = 0;

  template <int COUNT, int LINES>
  inline void fetch() {
    for (int i = 0; i < COUNT && left > 0; ++i, --left, next += CHANNELS)
      for (int line = 0; line < LINES; ++line) __builtin_prefetch(next + 16 * line, 0, 2);
  }
};

// One unit of work: a band of one image, D * L channels.
struct Unit {
  const float* input;   // the image's first channel of the block
  const float* packed;  // D times: a vector of L weights for each tap, then one of bias
  float* output;
  float* slab;          // D staged bands: pixel (y, x) lies at `before` + (y - top) * pitch + (x - left)
  int64_t row, rows;    // first output row, number of output rows
  bool aligned;
  Ahead ahead;
};

// NHWC: a pixel's channels are neighbours, so a staged pixel is D plain vector copies and a result is stored in place.
// Rows [begin, end) of the slab.
template <class S, int L, int D>
inline void stage(const Unit& u, int64_t begin, int64_t end) {
  constexpr int64_t from = S::left < 0 ? 0 : S::left, to = S::left + S::pitch < WIDTH ? S::left + S::pitch : WIDTH;
  for (int64_t r = begin; r < end; ++r) {
    const int64_t y = u.row * STRIDE + S::top + r;
    float* const row = u.slab + (S::before + r * S::pitch - S::left) * L;
    if (y < 0 || y >= HEIGHT) continue;  // zeros already
    for (int64_t x = from; x < to; ++x)
      for (int d = 0; d < D; ++d)
        store<L>(row + (d * S::pixels + x) * L, load<L>(u.input + (y * WIDTH + x) * CHANNELS + d * L));
  }
}

template <class S, int L, int D>
inline void put_pixel(const Unit& u, int d, int64_t p, int64_t q, Vec<L> value) {
  float* const to = u.output + ((u.row + p) * OUT_WIDTH + q) * CHANNELS + d * L;
  stream<L>(to, value, u.aligned);
}

inline Ahead ahead_of(const Unit& u, int64_t) {
  const int64_t top = u.row * STRIDE;
  const int64_t bottom = (u.row + u.rows) * STRIDE < HEIGHT ? (u.row + u.rows) * STRIDE : HEIGHT;
  return {u.input + top * WIDTH * CHANNELS, (bottom - top) * WIDTH};
}

struct Slab_square {
  static constexpr int64_t top = -1, left = -1, rows = 10, pitch = 10;
  static constexpr int64_t before = 0, pixels = 100;
};

// square filter: 2x2 outputs; 16 loads and 36 multiply-adds a tile.
// Computes the tiles that start in the rows [begin, end) of the band.
template <int L, int D>
inline void line_square_tiles(Unit& u, int64_t begin, int64_t end) {
  using S = Slab_square;
  constexpr int TAPS = 9;
  constexpr int TILES = 16 * D;
  for (int d = 0; d < D; ++d) {
    const float* const packed = u.packed + d * (TAPS + 1) * L;
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    const auto w = [=](int64_t tap) { return load<L>(packed + tap * L); };
    for (int64_t y = begin; y < end; y += 2)
      for (int64_t x = 0; x < OUT_WIDTH; x += 2) {
        const float* const origin = slab + ((y * STRIDE - S::top) * S::pitch + (x * STRIDE - S::left)) * L;
        const auto in = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        u.ahead.template fetch<(64 + TILES - 1) / TILES, (D * L + 15) / 16>();
        const Vec<L> bias = w(TAPS);
        Vec<L> a0 = bias, a1 = bias, a2 = bias, a3 = bias;
        Vec<L> v;
        v = in(-1, -1);
        a0 += v * w(0);
        v = in(-1, 0);
        a1 += v * w(0);  a0 += v * w(1);
        v = in(-1, 1);
        a1 += v * w(1);  a0 += v * w(2);
        v = in(-1, 2);
        a1 += v * w(2);
        v = in(0, -1);
        a2 += v * w(0);  a0 += v * w(3);
        v = in(0, 0);
        a3 += v * w(0);  a2 += v * w(1);  a1 += v * w(3);  a0 += v * w(4);
        v = in(0, 1);
        a3 += v * w(1);  a2 += v * w(2);  a1 += v * w(4);  a0 += v * w(5);
        v = in(0, 2);
        a3 += v * w(2);  a1 += v * w(5);
        v = in(1, -1);
        a2 += v * w(3);  a0 += v * w(6);
        v = in(1, 0);
        a3 += v * w(3);  a2 += v * w(4);  a1 += v * w(6);  a0 += v * w(7);
        v = in(1, 1);
        a3 += v * w(4);  a2 += v * w(5);  a1 += v * w(7);  a0 += v * w(8);
        v = in(1, 2);
        a3 += v * w(5);  a1 += v * w(8);
        v = in(2, -1);
        a2 += v * w(6);
        v = in(2, 0);
        a3 += v * w(6);  a2 += v * w(7);
        v = in(2, 1);
        a3 += v * w(7);  a2 += v * w(8);
        v = in(2, 2);
        a3 += v * w(8);
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (uint64_t(y + dy) < uint64_t(u.rows) && uint64_t(x + dx) < uint64_t(OUT_WIDTH))
            put_pixel<S, L, D>(u, d, y + dy, x + dx, value);
        };
        put(0, 0, a0);  put(0, 1, a1);  put(1, 0, a2);  put(1, 1, a3);
      }
  }
}

template <int L, int D>
void line_square(Unit& u) {
  using S = Slab_square;
  stage<S, L, D>(u, 0, S::rows);
  line_square_tiles<L, D>(u, 0, u.rows);
}

struct Block {
  void (*body)(Unit&);
  int64_t channel, width, packed, scratch_floats;
};

constexpr Block BLOCKS[] = {
    {line_square<16, 1>, 0, 16, 0, 1600},
    {line_square<16, 1>, 16, 16, 160, 1600},
};
constexpr int64_t BLOCK_COUNT = sizeof(BLOCKS) / sizeof(Block);

// Bands vary fastest, then images, then blocks: a block's weights and its slab's zeros are written once.
const Block& block_of(const O1dCall* call, int64_t u) { return BLOCKS[u / (call->batch * BANDS)]; }

int64_t units(const O1dShape*, int64_t batch) { return BLOCK_COUNT * batch * BANDS; }
int64_t packed_floats(const O1dShape*) { return 320; }
int64_t scratch_bytes(const O1dShape*) { return 1600 * int64_t(sizeof(float)); }

// Weight k folds on tap t for first[t] <= k < first[t + 1].
constexpr int16_t FIRST_square[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

struct Packing {
  const int16_t* first;
  int taps, centre, channel, lanes, depth;
};

constexpr Packing PACKINGS[] = {
    {FIRST_square, 9, 4, 0, 16, 1},
    {FIRST_square, 9, 4, 16, 16, 1},
};

void pack(const O1dShape*, const float* weight, const float* bias, float centre, float* packed) {
  for (const Packing& p : PACKINGS)
    for (int channel = p.channel; channel < p.channel + p.depth * p.lanes; channel += p.lanes) {
      for (int t = 0; t < p.taps; ++t)
        for (int lane = 0; lane < p.lanes; ++lane) {
          float sum = t == p.centre ? centre : 0.0f;
          for (int k = p.first[t]; k < p.first[t + 1]; ++k) sum += weight[int64_t(channel + lane) * 9 + k];
          *packed++ = sum;
        }
      for (int lane = 0; lane < p.lanes; ++lane) *packed++ = bias ? bias[channel + lane] : 0.0f;
    }
}

Unit unit_of(const O1dCall* call, int64_t u) {
  const Block& block = block_of(call, u);
  const int64_t image = u / BANDS % call->batch, row = u % BANDS * BAND;
  return {.input = call->input + image * HEIGHT * WIDTH * CHANNELS + block.channel,
          .packed = call->packed + block.packed,
          .output = call->output + image * OUT_HEIGHT * OUT_WIDTH * CHANNELS + block.channel,
          .slab = static_cast<float*>(call->scratch),
          .row = row,
          .rows = OUT_HEIGHT - row < BAND ? OUT_HEIGHT - row : BAND,
          .aligned = reinterpret_cast<uintptr_t>(call->output) % 64 == 0,
          .ahead = {},
  };
}

void run(const O1dCall* call) {
  const Block* staged = nullptr;
  for (int64_t u = call->begin; u < call->end; ++u) {
    const Block& block = block_of(call, u);
    if (!staged || staged->body != block.body) std::memset(call->scratch, 0, block.scratch_floats * sizeof(float));
    staged = &block;
    Unit unit = unit_of(call, u);
    if (u + 1 < call->end) unit.ahead = ahead_of(unit_of(call, u + 1), block_of(call, u + 1).width);
    block.body(unit);
  }
  stream_fence();
}

}  // namespace

extern "C" const O1dKernel fprop_nhwc_f32_8x8_s1_k3x3_c32__cpp_sheared_t4_l16_d1_b0_p1_s1;
const O1dKernel fprop_nhwc_f32_8x8_s1_k3x3_c32__cpp_sheared_t4_l16_d1_b0_p1_s1 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace fprop_nhwc_f32_8x8_s1_k3x3_c32__cpp_sheared_t4_l16_d1_b0_p1_s1_code
