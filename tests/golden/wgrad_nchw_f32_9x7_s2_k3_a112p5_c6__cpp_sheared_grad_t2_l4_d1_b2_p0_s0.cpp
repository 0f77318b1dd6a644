#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace wgrad_nchw_f32_9x7_s2_k3_a112p5_c6__cpp_sheared_grad_t2_l4_d1_b2_p0_s0_code {
namespace {

// x and dx are HEIGHT x WIDTH, dy is OUT_HEIGHT x OUT_WIDTH.
constexpr int64_t CHANNELS = 6, HEIGHT = 9, WIDTH = 7, STRIDE = 2;
constexpr int64_t OUT_HEIGHT = 5, OUT_WIDTH = 4;
constexpr int64_t BAND = 2, BANDS = 3;  // rows of dy a band, bands an image

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

// One unit of work: a band of one image, D * L channels. A band has so many rows of dy, and STRIDE times as many of x.
struct Unit {
  const float* grad;  // dy: the image's first channel of the block
  const float* input;  // x: the band's first row
  float* sums;         // of dw, D times: a vector of L for each tap, then one of db
  float* slab;        // D staged bands of dy: pixel (y, x) lies at `before` + (y - top) * pitch + (x - left)
  int64_t row, rows;  // first row of dy, number of rows
};

// NCHW: pixels are neighbours, so bands of dy and x are transposed into scratch memory L x L values at a time; dx takes
// the place of x there and is transposed back. In between, both layouts are one kernel.
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
  constexpr int64_t from = S::left < 0 ? 0 : S::left, to = S::left + S::pitch < OUT_WIDTH ? S::left + S::pitch : OUT_WIDTH;
  for (int d = 0; d < D; ++d) {
    for (int64_t r = begin; r < end; ++r) {
      const int64_t y = u.row + S::top + r;
      float* const row = u.slab + (d * S::pixels + S::before + r * S::pitch - S::left) * L;
      if (y < 0 || y >= OUT_HEIGHT) {
        std::memset(row + S::left * L, 0, S::pitch * L * sizeof(float));
        continue;
      }
      const float* const plane = u.grad + (d * L * OUT_HEIGHT + y) * OUT_WIDTH;
      int64_t x = from;
      for (; x + L <= to; x += L) gather<L>(plane + x, OUT_HEIGHT * OUT_WIDTH, L, row + x * L);
      if (x < to) gather<L>(plane + x, OUT_HEIGHT * OUT_WIDTH, to - x, row + x * L);
      // Rows around the band are another unit's.
      if (y < u.row || y >= u.row + u.rows) continue;
      Vec<L> bias = {};
      for (x = from; x < to; ++x) bias += load<L>(row + x * L);
      float* const sum = u.sums + (d * (S::taps + 1) + S::taps) * L;
      store<L>(sum, load<L>(sum) + bias);
    }
  }
}

// The band's pixels of x, then of dx, lie behind the D staged bands: [D][INPUT_BAND][WIDTH][L].
constexpr int64_t INPUT_BAND = BAND * STRIDE < HEIGHT ? BAND * STRIDE : HEIGHT;

inline int64_t band_pixels(const Unit& u) {
  const int64_t below = HEIGHT - u.row * STRIDE;
  return (u.rows * STRIDE < below ? u.rows * STRIDE : below) * WIDTH;
}

template <class S, int L, int D>
inline float* input_pixel(const Unit& u, int d, int64_t y, int64_t x) {
  return u.slab + (D * S::pixels + (d * INPUT_BAND + y) * WIDTH + x) * L;
}

template <class S, int L, int D>
inline void stage_input(const Unit& u) {
  const int64_t pixels = band_pixels(u);
  for (int d = 0; d < D; ++d) {
    const float* const from = u.input + d * L * HEIGHT * WIDTH;
    float* const to = input_pixel<S, L, D>(u, d, 0, 0);
    int64_t i = 0;
    for (; i + L <= pixels; i += L) gather<L>(from + i, HEIGHT * WIDTH, L, to + i * L);
    if (i < pixels) gather<L>(from + i, HEIGHT * WIDTH, pixels - i, to + i * L);
  }
}

struct Slab_112p5 {
  static constexpr int64_t top = 0, left = 0, rows = 2, pitch = 4;
  static constexpr int64_t before = 0, pixels = 8;
  static constexpr int taps = 1;
};

// 112.5 degrees, pixels (0, 0) modulo 2: 2 along a line; 2 loads of dy and 2 uses of them a tile.
template <int L, int D>
inline void line_112p5_0_0(Unit& u) {
  using S = Slab_112p5;
  constexpr int64_t ROWS = 5, COLUMNS = 4;  // of the part
  const int64_t rows = u.rows < ROWS - u.row ? u.rows : ROWS - u.row;
  for (int d = 0; d < D; ++d) {
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    float* const sums = u.sums + d * (S::taps + 1) * L;
    const auto sum = [=](int64_t tap) { return load<L>(sums + tap * L); };
    const auto keep = [=](int64_t tap, Vec<L> value) { store<L>(sums + tap * L, value); };
    for (int64_t y = 0; y < rows; y += 1)
      for (int64_t x = 0; x < COLUMNS; x += 2) {
        const auto inside = [=](int64_t dy, int64_t dx) {
          return uint64_t(y + dy) < uint64_t(rows) && uint64_t(x + dx) < uint64_t(COLUMNS);
        };
        const bool whole = inside(0, 0) && inside(0, 1);
        const auto in = [&](int64_t dy, int64_t dx) {
          return load<L>(input_pixel<S, L, D>(u, d, (y + dy) * STRIDE + 0, (x + dx) * STRIDE + 0));
        };
        const auto inner = [&](int64_t dy, int64_t dx) { return inside(dy, dx) ? in(dy, dx) : Vec<L>{}; };
        Vec<L> x0, x1;
        if (whole) {
          x0 = in(0, 0);  x1 = in(0, 1);
        } else {
          x0 = inner(0, 0);  x1 = inner(0, 1);
        }
        Vec<L> d0;
        const float* const origin = slab + ((y - S::top) * S::pitch + (x - S::left)) * L;
        const auto grad = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        Vec<L> v;
        v = grad(0, 0);
        d0 = sum(0);
        d0 += v * x0;
        v = grad(0, 1);
        d0 += v * x1;
        keep(0, d0);
      }
  }
}

template <int L, int D>
void line_112p5(Unit& u) {
  using S = Slab_112p5;
  stage<S, L, D>(u, 0, S::rows);
  stage_input<S, L, D>(u);
  line_112p5_0_0<L, D>(u);
}

struct Block {
  void (*body)(Unit&);
  int64_t channel, width, rows, scratch_floats;  // rows: vectors a lane has in `packed` and in a unit's sums
};

constexpr Block BLOCKS[] = {
    {line_112p5<4, 1>, 0, 4, 2, 152},
    {line_112p5<2, 1>, 4, 2, 2, 76},
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
int64_t packed_floats(const O1dShape*) { return 0; }
int64_t scratch_bytes(const O1dShape*) { return 152 * int64_t(sizeof(float)); }

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

void pack_weights(const O1dShape*, const float*, float, float*) {}

int64_t partial_floats(const O1dShape*, int64_t batch) { return batch * BANDS * FLOATS; }

// The sums of all units in their order, whoever computed them; weights that fold on a tap share its gradient.
void reduce(const O1dShape*, int64_t batch, const float* partial, float* weight_grad, float* bias_grad) {
  const int64_t units = batch * BANDS;
  for (const Packing& p : PACKINGS) {
    const int64_t size = int64_t(p.depth) * (p.taps + 1) * p.lanes;
    for (int channel = p.channel; channel < p.channel + p.depth * p.lanes; channel += p.lanes)
      for (int t = 0; t <= p.taps; ++t, partial += p.lanes)
        for (int lane = 0; lane < p.lanes; ++lane) {
          double sum = 0;
          for (int64_t u = 0; u < units; ++u) sum += partial[u * size + lane];
          if (t == p.taps) {
            bias_grad[channel + lane] = float(sum);
            continue;
          }
          for (int k = p.first[t]; k < p.first[t + 1]; ++k) weight_grad[int64_t(channel + lane) * 3 + k] = float(sum);
        }
    partial += (units - 1) * size;
  }
}

Unit unit_of(const O1dGradientCall* call, int64_t u) {
  const int64_t b = u / (call->batch * BANDS), image = u / BANDS % call->batch, row = u % BANDS * BAND;
  const Block& block = BLOCKS[b];
  float* const scratch = static_cast<float*>(call->scratch);
  const int64_t pixel = (image * CHANNELS * HEIGHT + row * STRIDE) * WIDTH, channel = block.channel * HEIGHT * WIDTH;
  return {.grad = call->grad + image * OUT_HEIGHT * OUT_WIDTH * CHANNELS + block.channel * OUT_HEIGHT * OUT_WIDTH,
          .input = call->input + pixel + channel,
          .sums = scratch,
          .slab = scratch + block.rows * block.width,
          .row = row,
          .rows = OUT_HEIGHT - row < BAND ? OUT_HEIGHT - row : BAND,
  };
}

void run(const O1dGradientCall* call) {
  const Block* staged = nullptr;
  for (int64_t u = call->begin; u < call->end; ++u) {
    const int64_t b = u / (call->batch * BANDS);
    const Block& block = BLOCKS[b];
    if (!staged || staged->body != block.body) std::memset(call->scratch, 0, block.scratch_floats * sizeof(float));
    staged = &block;
    Unit unit = unit_of(call, u);
    const int64_t sums = block.rows * block.width;
    std::memset(unit.sums, 0, sums * sizeof(float));
    block.body(unit);
    float* const partial = call->partial + call->batch * BANDS * floats_before(b) + u % (call->batch * BANDS) * sums;
    std::memcpy(partial, unit.sums, sums * sizeof(float));
  }
}

}  // namespace

extern "C" const O1dGradient wgrad_nchw_f32_9x7_s2_k3_a112p5_c6__cpp_sheared_grad_t2_l4_d1_b2_p0_s0;
const O1dGradient wgrad_nchw_f32_9x7_s2_k3_a112p5_c6__cpp_sheared_grad_t2_l4_d1_b2_p0_s0 = {
    O1D_ABI, units, packed_floats, scratch_bytes, partial_floats, pack_weights, run, reduce};

}  // namespace wgrad_nchw_f32_9x7_s2_k3_a112p5_c6__cpp_sheared_grad_t2_l4_d1_b2_p0_s0_code
