#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace stem_f32_12x7_s2_k5_a0_67p5_p3_c12_code {
namespace {

constexpr int64_t PLANES = 3, CHANNELS = 12, HEIGHT = 12, WIDTH = 7, STRIDE = 2;
constexpr int64_t OUT_HEIGHT = 6, OUT_WIDTH = 4;
constexpr int64_t BAND = 6, BANDS = 1;  // output rows a band, bands an image

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

// One unit of work: a band of one image, D * L channels.
struct Unit {
  const float* input;    // the image's first plane
  const float* packed;   // D times: a vector of L weights for each tap, then one of bias
  const float* planes;   // D times: a vector of L weights for each plane, then one of bias
  float* output;         // of the first channel
  float* slab;           // D staged bands: pixel (y, x) lies at `before` + (y - top) * pitch + (x - left)
  int64_t row, rows;     // first output row, number of output rows
};

// Rows [begin, end) of the slab: what the pointwise convolution makes of an image, with zeros around it. What lies before
// and behind the rows is read for outputs that are thrown away only.
template <class S, int L, int D>
inline void stage(const Unit& u, int64_t begin, int64_t end) {
  constexpr int64_t from = S::left < 0 ? 0 : S::left, to = S::left + S::pitch < WIDTH ? S::left + S::pitch : WIDTH;
  for (int d = 0; d < D; ++d) {
    Vec<L> weight[PLANES];
#pragma GCC unroll 32
    for (int64_t p = 0; p < PLANES; ++p) weight[p] = load<L>(u.planes + (d * (PLANES + 1) + p) * L);
    const Vec<L> bias = load<L>(u.planes + (d * (PLANES + 1) + PLANES) * L);
    for (int64_t r = begin; r < end; ++r) {
      const int64_t y = u.row * STRIDE + S::top + r;
      float* const row = u.slab + (d * S::pixels + S::before + r * S::pitch - S::left) * L;
      if (y < 0 || y >= HEIGHT) {
        std::memset(row + S::left * L, 0, S::pitch * L * sizeof(float));
        continue;
      }
      std::memset(row + S::left * L, 0, (from - S::left) * L * sizeof(float));
      const float* const pixels = u.input + y * WIDTH;
      for (int64_t x = from; x < to; ++x) {
        Vec<L> sum = bias;
#pragma GCC unroll 32
        for (int64_t p = 0; p < PLANES; ++p) sum += weight[p] * pixels[p * HEIGHT * WIDTH + x];
        store<L>(row + x * L, sum);
      }
      std::memset(row + to * L, 0, (S::left + S::pitch - to) * L * sizeof(float));
    }
  }
}

template <class S, int L, int D>
inline void put_pixel(const Unit& u, int d, int64_t p, int64_t q, Vec<L> value) {
  store<L>(u.output + ((u.row + p) * OUT_WIDTH + q) * CHANNELS + d * L, value);
}

struct Slab_0 {
  static constexpr int64_t top = 0, left = 0, rows = 11, pitch = 7;
  static constexpr int64_t before = 0, pixels = 77;
};

// 0 degrees: 4 outputs along a line; 7 loads and 16 multiply-adds a tile.
// Computes the tiles that start in the rows [begin, end) of the band.
template <int L, int D>
inline void line_0_tiles(Unit& u, int64_t begin, int64_t end) {
  using S = Slab_0;
  constexpr int TAPS = 5;
  for (int d = 0; d < D; ++d) {
    const float* const packed = u.packed + d * (TAPS + 1) * L;
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    const auto w = [=](int64_t tap) { return load<L>(packed + tap * L); };
    for (int64_t y = begin; y < end; y += 1)
      for (int64_t x = 0; x < OUT_WIDTH; x += 4) {
        const float* const origin = slab + ((y * STRIDE - S::top) * S::pitch + (x * STRIDE - S::left)) * L;
        const auto in = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        const Vec<L> bias = w(TAPS);
        Vec<L> a0 = bias, a1 = bias, a2 = bias, a3 = bias;
        Vec<L> v;
        v = in(0, 0);
        a1 += v * w(0);  a0 += v * w(2);
        v = in(0, 1);
        a1 += v * w(1);  a0 += v * w(3);
        v = in(0, 2);
        a2 += v * w(0);  a1 += v * w(2);  a0 += v * w(4);
        v = in(0, 3);
        a2 += v * w(1);  a1 += v * w(3);
        v = in(0, 4);
        a3 += v * w(0);  a2 += v * w(2);  a1 += v * w(4);
        v = in(0, 5);
        a3 += v * w(1);  a2 += v * w(3);
        v = in(0, 6);
        a3 += v * w(2);  a2 += v * w(4);
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (uint64_t(y + dy) < uint64_t(u.rows) && uint64_t(x + dx) < uint64_t(OUT_WIDTH))
            put_pixel<S, L, D>(u, d, y + dy, x + dx, value);
        };
        put(0, 0, a0);  put(0, 1, a1);  put(0, 2, a2);  put(0, 3, a3);
      }
  }
}

template <int L, int D>
void line_0(Unit& u) {
  using S = Slab_0;
  stage<S, L, D>(u, 0, S::rows);
  line_0_tiles<L, D>(u, 0, u.rows);
}

struct Slab_67p5 {
  static constexpr int64_t top = -1, left = 0, rows = 13, pitch = 7;
  static constexpr int64_t before = 0, pixels = 119;
};

// 67.5 degrees: 4 outputs along a line; 9 loads and 12 multiply-adds a tile.
// Computes the tiles that start in the rows [begin, end) of the band.
template <int L, int D>
inline void line_67p5_tiles(Unit& u, int64_t begin, int64_t end) {
  using S = Slab_67p5;
  constexpr int TAPS = 3;
  for (int d = 0; d < D; ++d) {
    const float* const packed = u.packed + d * (TAPS + 1) * L;
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    const auto w = [=](int64_t tap) { return load<L>(packed + tap * L); };
    for (int64_t y = begin; y < end; y += 4)
      for (int64_t x = 0; x < OUT_WIDTH; x += 1) {
        const float* const origin = slab + ((y * STRIDE - S::top) * S::pitch + (x * STRIDE - S::left)) * L;
        const auto in = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        const Vec<L> bias = w(TAPS);
        Vec<L> a0 = bias, a1 = bias, a2 = bias, a3 = bias;
        Vec<L> v;
        v = in(-1, 0);
        a0 += v * w(2);
        v = in(0, 0);
        a0 += v * w(1);
        v = in(1, 0);
        a0 += v * w(0);  a1 += v * w(2);
        v = in(2, 0);
        a1 += v * w(1);
        v = in(3, 0);
        a1 += v * w(0);  a2 += v * w(2);
        v = in(4, 0);
        a2 += v * w(1);
        v = in(5, 0);
        a2 += v * w(0);  a3 += v * w(2);
        v = in(6, 0);
        a3 += v * w(1);
        v = in(7, 0);
        a3 += v * w(0);
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (uint64_t(y + dy) < uint64_t(u.rows) && uint64_t(x + dx) < uint64_t(OUT_WIDTH))
            put_pixel<S, L, D>(u, d, y + dy, x + dx, value);
        };
        put(0, 0, a0);  put(1, 0, a1);  put(2, 0, a2);  put(3, 0, a3);
      }
  }
}

template <int L, int D>
void line_67p5(Unit& u) {
  using S = Slab_67p5;
  stage<S, L, D>(u, 0, S::rows);
  line_67p5_tiles<L, D>(u, 0, u.rows);
}

// Weight k folds on tap t for first[t] <= k < first[t + 1].
constexpr int16_t FIRST_0[] = {0, 1, 2, 3, 4, 5};
constexpr int16_t FIRST_67p5[] = {0, 1, 4, 5};

struct Packing {
  const int16_t* first;
  int taps, centre, channel, lanes, depth;
};

constexpr Packing PACKINGS[] = {
    {FIRST_0, 5, 2, 0, 4, 1},
    {FIRST_0, 5, 2, 4, 2, 1},
    {FIRST_67p5, 3, 1, 6, 4, 1},
    {FIRST_67p5, 3, 1, 10, 2, 1},
};

struct Block {
  void (*body)(Unit&);
  int64_t channel, packed;
};

constexpr Block BLOCKS[] = {
    {line_0<4, 1>, 0, 0},
    {line_0<2, 1>, 4, 40},
    {line_67p5<4, 1>, 6, 60},
    {line_67p5<2, 1>, 10, 92},
};
constexpr int64_t BLOCK_COUNT = sizeof(BLOCKS) / sizeof(Block);

// Bands vary fastest, then images, then blocks.
int64_t units(int64_t count) { return BLOCK_COUNT * count * BANDS; }
int64_t packed_floats() { return 108; }
int64_t scratch_bytes() { return 476 * int64_t(sizeof(float)); }

// Of weight [taps and planes, CHANNELS] and bias [2, CHANNELS] each block's own, as a unit reads them.
void pack(const float* weight, const float* bias, float* packed) {
  constexpr int64_t KERNEL = 5;
  for (const Packing& p : PACKINGS) {
    const int width = p.depth * p.lanes;
    for (int channel = p.channel; channel < p.channel + width; channel += p.lanes) {
      for (int t = 0; t < p.taps; ++t)
        for (int lane = 0; lane < p.lanes; ++lane) {
          float sum = 0.0f;
          for (int k = p.first[t]; k < p.first[t + 1]; ++k) sum += weight[k * CHANNELS + channel + lane];
          *packed++ = sum;
        }
      for (int lane = 0; lane < p.lanes; ++lane) *packed++ = bias[channel + lane];
    }
    for (int channel = p.channel; channel < p.channel + width; channel += p.lanes) {
      for (int64_t plane = 0; plane < PLANES; ++plane)
        for (int lane = 0; lane < p.lanes; ++lane) *packed++ = weight[(KERNEL + plane) * CHANNELS + channel + lane];
      for (int lane = 0; lane < p.lanes; ++lane) *packed++ = bias[CHANNELS + channel + lane];
    }
  }
}

void run(const O1dOperationCall* call) {
  for (int64_t u = call->begin; u < call->end; ++u) {
    const int64_t block = u / (call->count * BANDS), image = u / BANDS % call->count, row = u % BANDS * BAND;
    const Block& b = BLOCKS[block];
    const float* const packed = call->packed + b.packed;
    Unit unit{
        .input = call->input + image * PLANES * HEIGHT * WIDTH,
        .packed = packed,
        .planes = packed + (PACKINGS[block].taps + 1) * PACKINGS[block].lanes * PACKINGS[block].depth,
        .output = call->output + image * OUT_HEIGHT * OUT_WIDTH * CHANNELS + b.channel,
        .slab = static_cast<float*>(call->scratch),
        .row = row,
        .rows = OUT_HEIGHT - row < BAND ? OUT_HEIGHT - row : BAND,
    };
    b.body(unit);
  }
}

}  // namespace

extern "C" const O1dOperation stem_f32_12x7_s2_k5_a0_67p5_p3_c12;
const O1dOperation stem_f32_12x7_s2_k5_a0_67p5_p3_c12 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace stem_f32_12x7_s2_k5_a0_67p5_p3_c12_code
