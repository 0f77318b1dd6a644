#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace dgrad_nhwc_f32_8x9_s2_k5_a45_c8__cpp_sheared_grad_t2_l4_d1_b2_p0_s0_code {
namespace {

// x and dx are HEIGHT x WIDTH, dy is OUT_HEIGHT x OUT_WIDTH.
constexpr int64_t CHANNELS = 8, HEIGHT = 8, WIDTH = 9, STRIDE = 2;
constexpr int64_t OUT_HEIGHT = 4, OUT_WIDTH = 5;
constexpr int64_t BAND = 2, BANDS = 2;  // rows of dy a band, bands an image

// Vectors of L float32 lanes; in memory they may start at any float.
template <int L>
struct Lanes;
template <>
struct Lanes<4> {
  using type = float __attribute__((vector_size(16)));
  using stored = float __attribute__((vector_size(16), aligned(4), may_alias));
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

// One unit of work: a band of one image, D * L channels. A band has so many rows of dy, and STRIDE times as many of x.
struct Unit {
  const float* grad;  // dy: the image's first channel of the block
  float* input_grad;    // dx: the band's first row
  const float* packed;  // D times: a vector of L weights for each tap, then one that is not used
  float* slab;        // D staged bands of dy: pixel (y, x) lies at `before` + (y - top) * pitch + (x - left)
  int64_t row, rows;  // first row of dy, number of rows
};

// NHWC: a pixel's channels are neighbours, so a staged pixel is D plain vector copies; x and dx are read and written in place.
// Rows [begin, end) of the slab.
template <class S, int L, int D>
inline void stage(const Unit& u, int64_t begin, int64_t end) {
  constexpr int64_t from = S::left < 0 ? 0 : S::left, to = S::left + S::pitch < OUT_WIDTH ? S::left + S::pitch : OUT_WIDTH;
  for (int64_t r = begin; r < end; ++r) {
    const int64_t y = u.row + S::top + r;
    float* const row = u.slab + (S::before + r * S::pitch - S::left) * L;
    if (y < 0 || y >= OUT_HEIGHT) {
      for (int d = 0; d < D; ++d) std::memset(row + (d * S::pixels + S::left) * L, 0, S::pitch * L * sizeof(float));
      continue;
    }
    for (int64_t x = from; x < to; ++x)
      for (int d = 0; d < D; ++d) {
        const Vec<L> value = load<L>(u.grad + (y * OUT_WIDTH + x) * CHANNELS + d * L);
        store<L>(row + (d * S::pixels + x) * L, value);
      }
  }
}

template <class S, int L, int D>
inline void put_pixel(const Unit& u, int d, int64_t y, int64_t x, Vec<L> value) {
  float* const to = u.input_grad + (y * WIDTH + x) * CHANNELS + d * L;
  store<L>(to, value);
}

struct Slab_45 {
  static constexpr int64_t top = 0, left = 0, rows = 3, pitch = 5;
  static constexpr int64_t before = 3, pixels = 21;
  static constexpr int taps = 3;
};

// 45 degrees, pixels (0, 0) modulo 2: 2 along a line; 2 loads of dy and 2 uses of them a tile.
template <int L, int D>
inline void line_45_0_0(Unit& u) {
  using S = Slab_45;
  constexpr int64_t ROWS = 4, COLUMNS = 5;  // of the part
  const int64_t rows = u.rows < ROWS - u.row ? u.rows : ROWS - u.row;
  for (int d = 0; d < D; ++d) {
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    const float* const packed = u.packed + d * (S::taps + 1) * L;
    const auto w = [=](int64_t tap) { return load<L>(packed + tap * L); };
    for (int64_t y = 0; y < rows; y += 1)
      for (int64_t x = 0; x < COLUMNS; x += 2) {
        const auto inside = [=](int64_t dy, int64_t dx) {
          return uint64_t(y + dy) < uint64_t(rows) && uint64_t(x + dx) < uint64_t(COLUMNS);
        };
        const bool whole = inside(0, 0) && inside(0, 1);
        Vec<L> a0{}, a1{};
        const float* const origin = slab + ((y - S::top) * S::pitch + (x - S::left)) * L;
        const auto grad = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        Vec<L> v;
        v = grad(0, 0);
        a0 += v * w(1);
        v = grad(0, 1);
        a1 += v * w(1);
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          put_pixel<S, L, D>(u, d, (y + dy) * STRIDE + 0, (x + dx) * STRIDE + 0, value);
        };
        const auto put_inner = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (inside(dy, dx)) put(dy, dx, value);
        };
        if (whole) {
          put(0, 0, a0);  put(0, 1, a1);
        } else {
          put_inner(0, 0, a0);  put_inner(0, 1, a1);
        }
      }
  }
}

// 45 degrees, pixels (0, 1) modulo 2: 2 along a line; 0 loads of dy and 0 uses of them a tile.
template <int L, int D>
inline void line_45_0_1(Unit& u) {
  using S = Slab_45;
  constexpr int64_t ROWS = 4, COLUMNS = 4;  // of the part
  const int64_t rows = u.rows < ROWS - u.row ? u.rows : ROWS - u.row;
  for (int d = 0; d < D; ++d) {
    for (int64_t y = 0; y < rows; y += 1)
      for (int64_t x = 0; x < COLUMNS; x += 2) {
        const auto inside = [=](int64_t dy, int64_t dx) {
          return uint64_t(y + dy) < uint64_t(rows) && uint64_t(x + dx) < uint64_t(COLUMNS);
        };
        const bool whole = inside(0, 0) && inside(0, 1);
        Vec<L> a0{}, a1{};
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          put_pixel<S, L, D>(u, d, (y + dy) * STRIDE + 0, (x + dx) * STRIDE + 1, value);
        };
        const auto put_inner = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (inside(dy, dx)) put(dy, dx, value);
        };
        if (whole) {
          put(0, 0, a0);  put(0, 1, a1);
        } else {
          put_inner(0, 0, a0);  put_inner(0, 1, a1);
        }
      }
  }
}

// 45 degrees, pixels (1, 0) modulo 2: 2 along a line; 0 loads of dy and 0 uses of them a tile.
template <int L, int D>
inline void line_45_1_0(Unit& u) {
  using S = Slab_45;
  constexpr int64_t ROWS = 4, COLUMNS = 5;  // of the part
  const int64_t rows = u.rows < ROWS - u.row ? u.rows : ROWS - u.row;
  for (int d = 0; d < D; ++d) {
    for (int64_t y = 0; y < rows; y += 1)
      for (int64_t x = 0; x < COLUMNS; x += 2) {
        const auto inside = [=](int64_t dy, int64_t dx) {
          return uint64_t(y + dy) < uint64_t(rows) && uint64_t(x + dx) < uint64_t(COLUMNS);
        };
        const bool whole = inside(0, 0) && inside(0, 1);
        Vec<L> a0{}, a1{};
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          put_pixel<S, L, D>(u, d, (y + dy) * STRIDE + 1, (x + dx) * STRIDE + 0, value);
        };
        const auto put_inner = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (inside(dy, dx)) put(dy, dx, value);
        };
        if (whole) {
          put(0, 0, a0);  put(0, 1, a1);
        } else {
          put_inner(0, 0, a0);  put_inner(0, 1, a1);
        }
      }
  }
}

// 45 degrees, pixels (1, 1) modulo 2: 2 along a line; 3 loads of dy and 4 uses of them a tile.
template <int L, int D>
inline void line_45_1_1(Unit& u) {
  using S = Slab_45;
  constexpr int64_t ROWS = 4, COLUMNS = 4;  // of the part
  const int64_t rows = u.rows < ROWS - u.row ? u.rows : ROWS - u.row;
  for (int d = 0; d < D; ++d) {
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    const float* const packed = u.packed + d * (S::taps + 1) * L;
    const auto w = [=](int64_t tap) { return load<L>(packed + tap * L); };
    for (int64_t y = 0; y < rows + 1; y += 1)
      for (int64_t x = 0; x < COLUMNS; x += 2) {
        const auto inside = [=](int64_t dy, int64_t dx) {
          return uint64_t(y + dy) < uint64_t(rows) && uint64_t(x + dx) < uint64_t(COLUMNS);
        };
        const bool whole = inside(-1, 0) && inside(0, 1);
        Vec<L> a0{}, a1{};
        const float* const origin = slab + ((y - S::top) * S::pitch + (x - S::left)) * L;
        const auto grad = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        Vec<L> v;
        v = grad(1, 0);
        a0 += v * w(2);
        v = grad(0, 1);
        a0 += v * w(0);  a1 += v * w(2);
        v = grad(-1, 2);
        a1 += v * w(0);
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          put_pixel<S, L, D>(u, d, (y + dy) * STRIDE + 1, (x + dx) * STRIDE + 1, value);
        };
        const auto put_inner = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (inside(dy, dx)) put(dy, dx, value);
        };
        if (whole) {
          put(0, 0, a0);  put(-1, 1, a1);
        } else {
          put_inner(0, 0, a0);  put_inner(-1, 1, a1);
        }
      }
  }
}

template <int L, int D>
void line_45(Unit& u) {
  using S = Slab_45;
  stage<S, L, D>(u, 0, S::rows);
  line_45_0_0<L, D>(u);
  line_45_0_1<L, D>(u);
  line_45_1_0<L, D>(u);
  line_45_1_1<L, D>(u);
}

struct Block {
  void (*body)(Unit&);
  int64_t channel, width, rows, scratch_floats;  // rows: vectors a lane has in `packed` and in a unit's sums
};

constexpr Block BLOCKS[] = {
    {line_45<4, 1>, 0, 4, 4, 84},
    {line_45<4, 1>, 4, 4, 4, 84},
};
constexpr int64_t BLOCK_COUNT = sizeof(BLOCKS) / sizeof(Block);

// Floats that the blocks before this one have in `packed`, and in every unit's sums.
constexpr int64_t floats_before(int64_t block) {
  int64_t floats = 0;
  for (int64_t b = 0; b < block; ++b) floats += BLOCKS[b].rows * BLOCKS[b].width;
  return floats;
}
constexpr int64_t FLOATS = floats_before(BLOCK_COUNT);

// Bands vary fastest, then images, then blocks: a block's weights and its slab's zeros are written once.
int64_t units(const O1dShape*, int64_t batch) { return BLOCK_COUNT * batch * BANDS; }
int64_t packed_floats(const O1dShape*) { return FLOATS; }
int64_t scratch_bytes(const O1dShape*) { return 84 * int64_t(sizeof(float)); }

// Weight k folds on tap t for first[t] <= k < first[t + 1].
constexpr int16_t FIRST_45[] = {0, 1, 4, 5};

struct Packing {
  const int16_t* first;
  int taps, centre, channel, lanes, depth;
};

constexpr Packing PACKINGS[] = {
    {FIRST_45, 3, 1, 0, 4, 1},
    {FIRST_45, 3, 1, 4, 4, 1},
};

void pack(const O1dShape*, const float* weight, const float* bias, float centre, float* packed) {
  for (const Packing& p : PACKINGS)
    for (int channel = p.channel; channel < p.channel + p.depth * p.lanes; channel += p.lanes) {
      for (int t = 0; t < p.taps; ++t)
        for (int lane = 0; lane < p.lanes; ++lane) {
          float sum = t == p.centre ? centre : 0.0f;
          for (int k = p.first[t]; k < p.first[t + 1]; ++k) sum += weight[int64_t(channel + lane) * 5 + k];
          *packed++ = sum;
        }
      for (int lane = 0; lane < p.lanes; ++lane) *packed++ = bias ? bias[channel + lane] : 0.0f;
    }
}

Unit unit_of(const O1dCall* call, int64_t u) {
  const int64_t b = u / (call->batch * BANDS), image = u / BANDS % call->batch, row = u % BANDS * BAND;
  const Block& block = BLOCKS[b];
  float* const scratch = static_cast<float*>(call->scratch);
  const int64_t pixel = (image * HEIGHT + row * STRIDE) * WIDTH * CHANNELS, channel = block.channel;
  return {.grad = call->input + image * OUT_HEIGHT * OUT_WIDTH * CHANNELS + block.channel,
          .input_grad = call->output + pixel + channel,
          .packed = call->packed + floats_before(b),
          .slab = scratch,
          .row = row,
          .rows = OUT_HEIGHT - row < BAND ? OUT_HEIGHT - row : BAND,
  };
}

void run(const O1dCall* call) {
  const Block* staged = nullptr;
  for (int64_t u = call->begin; u < call->end; ++u) {
    const int64_t b = u / (call->batch * BANDS);
    const Block& block = BLOCKS[b];
    if (!staged || staged->body != block.body) std::memset(call->scratch, 0, block.scratch_floats * sizeof(float));
    staged = &block;
    Unit unit = unit_of(call, u);
    block.body(unit);
  }
}

}  // namespace

extern "C" const O1dKernel dgrad_nhwc_f32_8x9_s2_k5_a45_c8__cpp_sheared_grad_t2_l4_d1_b2_p0_s0;
const O1dKernel dgrad_nhwc_f32_8x9_s2_k5_a45_c8__cpp_sheared_grad_t2_l4_d1_b2_p0_s0 = {
    O1D_ABI, units, packed_floats, scratch_bytes, pack, run};

}  // namespace dgrad_nhwc_f32_8x9_s2_k5_a45_c8__cpp_sheared_grad_t2_l4_d1_b2_p0_s0_code
