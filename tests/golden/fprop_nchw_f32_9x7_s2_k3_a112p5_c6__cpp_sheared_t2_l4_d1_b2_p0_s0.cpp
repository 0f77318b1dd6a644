#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace fprop_nchw_f32_9x7_s2_k3_a112p5_c6__cpp_sheared_t2_l4_d1_b2_p0_s0_code {
namespace {

constexpr int64_t CHANNELS = 6, HEIGHT = 9, WIDTH = 7, STRIDE = 2;
constexpr int64_t OUT_HEIGHT = 5, OUT_WIDTH = 4;
constexpr int64_t BAND = 2, BANDS = 3;  // output rows a band, bands an image

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
  const float* input;   // the image's first channel of the block
  const float* packed;  // D times: a vector of L weights for each tap, then one of bias
  float* output;
  float* slab;          // D staged bands: pixel (y, x) lies at `before` + (y - top) * pitch + (x - left)
  int64_t row, rows;    // first output row, number of output rows
};

// NCHW: pixels are neighbours, so a band is transposed into the slab L x L values at a time, and its results are
// gathered behind the slab and transposed back. In between, both layouts are one kernel.
template <int L>
inline void transpose(Vec<L> (&v)[L]);

template <>
inline void transpose<4>(Vec<4> (&v)[4]) {
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i)
    if (!(i & 2)) {
      const Vec<4> a = v[i], b = v[i + 2];
      v[i] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
      v[i + 2] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
    }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i)
    if (!(i & 1)) {
      const Vec<4> a = v[i], b = v[i + 1];
      v[i] = __builtin_shufflevector(a, b, 0, 4, 2, 6);
      v[i + 1] = __builtin_shufflevector(a, b, 1, 5, 3, 7);
    }
}

template <>
inline void transpose<2>(Vec<2> (&v)[2]) {
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i)
    if (!(i & 1)) {
      const Vec<2> a = v[i], b = v[i + 1];
      v[i] = __builtin_shufflevector(a, b, 0, 2);
      v[i + 1] = __builtin_shufflevector(a, b, 1, 3);
    }
}

// Rows of L planes from `from`, `count` <= L pixels of each, to count vectors of L channels.
template <int L>
inline void gather(const float* from, int64_t plane, int64_t count, float* to) {
  Vec<L> v[L];
  for (int c = 0; c < L; ++c) {
    if (count == L) {
      v[c] = load<L>(from + c * plane);
    } else {
      v[c] = Vec<L>{};
      std::memcpy(&v[c], from + c * plane, count * sizeof(float));
    }
  }
  transpose<L>(v);
  for (int64_t i = 0; i < count; ++i) store<L>(to + i * L, v[i]);
}

// The reverse: count vectors of L channels to L planes.
template <int L>
inline void scatter(const float* from, int64_t count, float* to, int64_t plane) {
  Vec<L> v[L];
  for (int i = 0; i < L; ++i) v[i] = i < count ? load<L>(from + i * L) : Vec<L>{};
  transpose<L>(v);
  for (int c = 0; c < L; ++c) {
    if (count == L) {
      store<L>(to + c * plane, v[c]);
    } else {
      std::memcpy(to + c * plane, &v[c], count * sizeof(float));
    }
  }
}

// Rows [begin, end) of the slab.
template <class S, int L, int D>
inline void stage(const Unit& u, int64_t begin, int64_t end) {
  constexpr int64_t from = S::left < 0 ? 0 : S::left, to = S::left + S::pitch < WIDTH ? S::left + S::pitch : WIDTH;
  for (int d = 0; d < D; ++d)
    for (int64_t r = begin; r < end; ++r) {
      const int64_t y = u.row * STRIDE + S::top + r;
      float* const row = u.slab + (d * S::pixels + S::before + r * S::pitch - S::left) * L;
      if (y < 0 || y >= HEIGHT) {
        std::memset(row + S::left * L, 0, S::pitch * L * sizeof(float));
        continue;
      }
      const float* const plane = u.input + (d * L * HEIGHT + y) * WIDTH;
      int64_t x = from;
      for (; x + L <= to; x += L) gather<L>(plane + x, HEIGHT * WIDTH, L, row + x * L);
      if (x < to) gather<L>(plane + x, HEIGHT * WIDTH, to - x, row + x * L);
    }
}

// Results lie behind the D staged bands: [D][BAND][OUT_WIDTH][L].
template <class S, int L, int D>
inline float* results(const Unit& u) {
  return u.slab + D * S::pixels * L;
}

template <class S, int L, int D>
inline void put_pixel(const Unit& u, int d, int64_t p, int64_t q, Vec<L> value) {
  store<L>(results<S, L, D>(u) + ((d * BAND + p) * OUT_WIDTH + q) * L, value);
}

template <class S, int L, int D>
inline void unstage(const Unit& u) {
  const int64_t pixels = u.rows * OUT_WIDTH, plane = OUT_HEIGHT * OUT_WIDTH;
  for (int d = 0; d < D; ++d) {
    const float* const from = results<S, L, D>(u) + d * BAND * OUT_WIDTH * L;
    float* const to = u.output + d * L * plane + u.row * OUT_WIDTH;
    int64_t i = 0;
    for (; i + L <= pixels; i += L) scatter<L>(from + i * L, L, to + i, plane);
    if (i < pixels) scatter<L>(from + i * L, pixels - i, to + i, plane);
  }
}

struct Slab_112p5 {
  static constexpr int64_t top = 0, left = 0, rows = 3, pitch = 7;
  static constexpr int64_t before = 0, pixels = 21;
};

// 112.5 degrees: 2 outputs along a line; 2 loads and 2 multiply-adds a tile.
// Computes the tiles that start in the rows [begin, end) of the band.
template <int L, int D>
inline void line_112p5_tiles(Unit& u, int64_t begin, int64_t end) {
  using S = Slab_112p5;
  constexpr int TAPS = 1;
  for (int d = 0; d < D; ++d) {
    const float* const packed = u.packed + d * (TAPS + 1) * L;
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    const auto w = [=](int64_t tap) { return load<L>(packed + tap * L); };
    for (int64_t y = begin; y < end; y += 1)
      for (int64_t x = 0; x < OUT_WIDTH; x += 2) {
        const float* const origin = slab + ((y * STRIDE - S::top) * S::pitch + (x * STRIDE - S::left)) * L;
        const auto in = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        const Vec<L> bias = w(TAPS);
        Vec<L> a0 = bias, a1 = bias;
        Vec<L> v;
        v = in(0, 0);
        a0 += v * w(0);
        v = in(0, 2);
        a1 += v * w(0);
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (uint64_t(y + dy) < uint64_t(u.rows) && uint64_t(x + dx) < uint64_t(OUT_WIDTH))
            put_pixel<S, L, D>(u, d, y + dy, x + dx, value);
        };
        put(0, 0, a0);  put(0, 1, a1);
      }
  }
}

template <int L, int D>
void line_112p5(Unit& u) {
  using S = Slab_112p5;
  stage<S, L, D>(u, 0, S::rows);
  line_112p5_tiles<L, D>(u, 0, u.rows);
  unstage<S, L, D>(u);
}

struct Block {
  void (*body)(Unit&);
  int64_t channel, width, packed, scratch_floats;
};

constexpr Block BLOCKS[] = {
    {line_112p5<4, 1>, 0, 4, 0, 116},
    {line_112p5<2, 1>, 4, 2, 8, 58},
};
constexpr int64_t BLOCK_COUNT = sizeof(BLOCKS) / sizeof(Block);

// Bands vary fastest, then images, then blocks: a block's weights and its slab's zeros are written once.
const Block& block_of(const O1dCall* call, int64_t u) { return BLOCKS[u / (call->batch * BANDS)]; }

int64_t units(const O1dShape*, int64_t batch) { return BLOCK_COUNT * batch * BANDS; }
int64_t packed_floats(const O1dShape*) { return 12; }
int64_t scratch_bytes(const O1dShape*) { return 116 * int64_t(sizeof(float)); }

// Weight k folds on tap t for first[t] <= k < first[t + 1].
constexpr int16_t FIRST_112p5[] = {0, 3};

struct Packing {
  const int16_t* first;
  int taps, centre, channel, lanes, depth;
};

constexpr Packing PACKINGS[] = {
    {FIRST_112p5, 1, 0, 0, 4, 1},
    {FIRST_112p5, 1, 0, 4, 2, 1},
};

void pack(const O1dShape*, const float* weight, const float* bias, float centre, float* packed) {
  for (const Packing& p : PACKINGS)
    for (int channel = p.channel; channel < p.channel + p.depth * p.lanes; channel += p.lanes) {
      for (int t = 0; t < p.taps; ++t)
        for (int lane = 0; lane < p.lanes; ++lane) {
          float sum = t == p.centre ? centre : 0.0f;
          for (int k = p.first[t]; k < p.first[t + 1]; ++k) sum += weight[int64_t(channel + lane) * 3 + k];
          *packed++ = sum;
        }
      for (int lane = 0; lane < p.lanes; ++lane) *packed++ = bias ? bias[channel + lane] : 0.0f;
    }
}

Unit unit_of(const O1dCall* call, int64_t u) {
  const Block& block = block_of(call, u);
  const int64_t image = u / BANDS % call->batch, row = u % BANDS * BAND;
  return {.input = call->input + image * HEIGHT * WIDTH * CHANNELS + block.channel * HEIGHT * WIDTH,
          .packed = call->packed + block.packed,
          .output = call->output + image * OUT_HEIGHT * OUT_WIDTH * CHANNELS + block.channel * OUT_HEIGHT * OUT_WIDTH,
          .slab = static_cast<float*>(call->scratch),
          .row = row,
          .rows = OUT_HEIGHT - row < BAND ? OUT_HEIGHT - row : BAND,
  };
}

void run(const O1dCall* call) {
  const Block* staged = nullptr;
  for (int64_t u = call->begin; u < call->end; ++u) {
    const Block& block = block_of(call, u);
    if (!staged || staged->body != block.body) std::memset(call->scratch, 0, block.scratch_floats * sizeof(float));
    staged = &block;
    Unit unit = unit_of(call, u);
    block.body(unit);
  }
}

}  // namespace

extern "C" const O1dKernel fprop_nchw_f32_9x7_s2_k3_a112p5_c6__cpp_sheared_t2_l4_d1_b2_p0_s0;
const O1dKernel fprop_nchw_f32_9x7_s2_k3_a112p5_c6__cpp_sheared_t2_l4_d1_b2_p0_s0 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace fprop_nchw_f32_9x7_s2_k3_a112p5_c6__cpp_sheared_t2_l4_d1_b2_p0_s0_code
