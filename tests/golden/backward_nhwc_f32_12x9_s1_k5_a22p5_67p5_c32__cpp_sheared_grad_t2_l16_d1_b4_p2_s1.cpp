#include <cstdint>
#include <cstring>

#include "oriented1d_kernel.h"

// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace backward_nhwc_f32_12x9_s1_k5_a22p5_67p5_c32__cpp_sheared_grad_t2_l16_d1_b4_p2_s1_code {
namespace {

// x and dx are HEIGHT x WIDTH, dy is OUT_HEIGHT x OUT_WIDTH.
constexpr int64_t CHANNELS = 32, HEIGHT = 12, WIDTH = 9, STRIDE = 1;
constexpr int64_t OUT_HEIGHT = 12, OUT_WIDTH = 9;
constexpr int64_t BAND = 12, BANDS = 1;  // rows of dy a band, bands an image

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
  const float* then = nullptr;  // what follows: the next unit's first rows after the rest of this one's
  int64_t then_left = 0;

  template <int COUNT, int LINES>
  inline void fetch() {
    if (left == 0) {
      next = then;
      left = then_left;
      then_left = 0;
    }
    for (int i = 0; i < COUNT && left > 0; ++i, --left, next += CHANNELS)
      for (int line = 0; line < LINES; ++line) __builtin_prefetch(next + 16 * line, 0, 2);
  }
};

// One unit of work: a band of one image, D * L channels. A band has so many rows of dy, and STRIDE times as many of x.
struct Unit {
  const float* grad;  // dy: the image's first channel of the block
  const float* input;  // x: the band's first row
  float* sums;         // of dw, D times: a vector of L for each tap, then one of db
  float* input_grad;    // dx: the band's first row
  const float* packed;  // D times: a vector of L weights for each tap, then one that is not used
  float* slab;        // D staged bands of dy: pixel (y, x) lies at `before` + (y - top) * pitch + (x - left)
  int64_t row, rows;  // first row of dy, number of rows
  bool aligned;
  Ahead grad_ahead;
  Ahead input_ahead;
};

// NHWC: a pixel's channels are neighbours, so a staged pixel is D plain vector copies; x and dx are read and written in place.
// Rows [begin, end) of the slab.
template <class S, int L, int D>
inline void stage(const Unit& u, int64_t begin, int64_t end) {
  constexpr int64_t from = S::left < 0 ? 0 : S::left, to = S::left + S::pitch < OUT_WIDTH ? S::left + S::pitch : OUT_WIDTH;
  for (int64_t r = begin; r < end; ++r) {
    const int64_t y = u.row + S::top + r;
    float* const row = u.slab + (S::before + r * S::pitch - S::left) * L;
    if (y < 0 || y >= OUT_HEIGHT) continue;  // zeros already
    Vec<L> bias[D] = {};
    for (int64_t x = from; x < to; ++x)
      for (int d = 0; d < D; ++d) {
        const Vec<L> value = load<L>(u.grad + (y * OUT_WIDTH + x) * CHANNELS + d * L);
        store<L>(row + (d * S::pixels + x) * L, value);
        bias[d] += value;
      }
    // Rows around the band are another unit's.
    if (y < u.row || y >= u.row + u.rows) continue;
    for (int d = 0; d < D; ++d) {
      float* const sum = u.sums + (d * (S::taps + 1) + S::taps) * L;
      store<L>(sum, load<L>(sum) + bias[d]);
    }
  }
}

template <class S, int L, int D>
inline const float* input_pixel(const Unit& u, int d, int64_t y, int64_t x) {
  return u.input + (y * WIDTH + x) * CHANNELS + d * L;
}

template <class S, int L, int D>
inline void put_pixel(const Unit& u, int d, int64_t y, int64_t x, Vec<L> value) {
  float* const to = u.input_grad + (y * WIDTH + x) * CHANNELS + d * L;
  stream<L>(to, value, u.aligned);
}

inline void fetch_ahead(Unit& u, const Unit& next, int64_t) {
  u.grad_ahead.next = next.grad + next.row * OUT_WIDTH * CHANNELS;
  u.grad_ahead.left = next.rows * OUT_WIDTH;
  const int64_t below = HEIGHT - next.row * STRIDE, rows = next.rows * STRIDE < below ? next.rows * STRIDE : below;
  u.input_ahead.next = next.input;
  u.input_ahead.left = rows * WIDTH;
}

struct Slab_22p5 {
  static constexpr int64_t top = 0, left = -1, rows = 12, pitch = 11;
  static constexpr int64_t before = 0, pixels = 133;
  static constexpr int taps = 3;
};

// 22.5 degrees: 2 along a line; 4 loads of dy and 6 uses of them a tile.
template <int L, int D>
inline void line_22p5_0_0(Unit& u, int64_t begin, int64_t end) {
  using S = Slab_22p5;
  constexpr int64_t ROWS = 12, COLUMNS = 9;  // of the part
  const int64_t rows = u.rows < ROWS - u.row ? u.rows : ROWS - u.row;
  constexpr int TILES = 60 * D;
  for (int d = 0; d < D; ++d) {
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    const float* const packed = u.packed + d * (S::taps + 1) * L;
    const auto w = [=](int64_t tap) { return load<L>(packed + tap * L); };
    float* const sums = u.sums + d * (S::taps + 1) * L;
    const auto sum = [=](int64_t tap) { return load<L>(sums + tap * L); };
    const auto keep = [=](int64_t tap, Vec<L> value) { store<L>(sums + tap * L, value); };
    for (int64_t x = 0; x < COLUMNS; x += 2)
      for (int64_t y = begin; y < end; y += 1) {
        u.grad_ahead.template fetch<(108 + TILES - 1) / TILES, (D * L + 15) / 16>();
        u.input_ahead.template fetch<(108 + TILES - 1) / TILES, (D * L + 15) / 16>();
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
        Vec<L> d2, d1, d0;
        Vec<L> a0{}, a1{};
        const float* const origin = slab + ((y - S::top) * S::pitch + (x - S::left)) * L;
        const auto grad = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        Vec<L> v;
        v = grad(0, -1);
        d2 = sum(2);
        a0 += v * w(2);
        d2 += v * x0;
        v = grad(0, 0);
        d1 = sum(1);
        a0 += v * w(1);  a1 += v * w(2);
        d1 += v * x0;  d2 += v * x1;
        keep(2, d2);
        v = grad(0, 1);
        d0 = sum(0);
        a0 += v * w(0);  a1 += v * w(1);
        d0 += v * x0;  d1 += v * x1;
        keep(1, d1);
        v = grad(0, 2);
        a1 += v * w(0);
        d0 += v * x1;
        keep(0, d0);
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

template <int L, int D>
void line_22p5(Unit& u) {
  using S = Slab_22p5;
  // A row enters the slab when a band reaches it and stays for those that follow.
  constexpr int64_t ROWS = 4, END = OUT_HEIGHT, FIRST = 4 * OUT_WIDTH;
  u.grad_ahead = {u.grad + FIRST * CHANNELS, OUT_HEIGHT * OUT_WIDTH - FIRST, u.grad_ahead.next, u.grad_ahead.next ? FIRST : 0};
  constexpr int64_t READ = 4 * WIDTH;
  u.input_ahead = {u.input + READ * CHANNELS, HEIGHT * WIDTH - READ, u.input_ahead.next, u.input_ahead.next ? READ : 0};
  int64_t staged = 0;
  for (int64_t y = 0; y < END; y += ROWS) {
    const int64_t read = y + 3 + 0 + 1 - S::top;
    const int64_t reached = read < S::rows ? read : S::rows;
    stage<S, L, D>(u, staged, reached);
    staged = reached;
    line_22p5_0_0<L, D>(u, y, y + ROWS < END ? y + ROWS : END);
  }
}

struct Slab_67p5 {
  static constexpr int64_t top = -1, left = 0, rows = 14, pitch = 9;
  static constexpr int64_t before = 0, pixels = 126;
  static constexpr int taps = 3;
};

// 67.5 degrees: 2 along a line; 4 loads of dy and 6 uses of them a tile.
template <int L, int D>
inline void line_67p5_0_0(Unit& u, int64_t begin, int64_t end) {
  using S = Slab_67p5;
  constexpr int64_t ROWS = 12, COLUMNS = 9;  // of the part
  const int64_t rows = u.rows < ROWS - u.row ? u.rows : ROWS - u.row;
  constexpr int TILES = 54 * D;
  for (int d = 0; d < D; ++d) {
    const float* const slab = u.slab + (d * S::pixels + S::before) * L;
    const float* const packed = u.packed + d * (S::taps + 1) * L;
    const auto w = [=](int64_t tap) { return load<L>(packed + tap * L); };
    float* const sums = u.sums + d * (S::taps + 1) * L;
    const auto sum = [=](int64_t tap) { return load<L>(sums + tap * L); };
    const auto keep = [=](int64_t tap, Vec<L> value) { store<L>(sums + tap * L, value); };
    for (int64_t y = begin; y < end; y += 2)
      for (int64_t x = 0; x < COLUMNS; x += 1) {
        u.grad_ahead.template fetch<(108 + TILES - 1) / TILES, (D * L + 15) / 16>();
        u.input_ahead.template fetch<(108 + TILES - 1) / TILES, (D * L + 15) / 16>();
        const auto inside = [=](int64_t dy, int64_t dx) {
          return uint64_t(y + dy) < uint64_t(rows) && uint64_t(x + dx) < uint64_t(COLUMNS);
        };
        const bool whole = inside(0, 0) && inside(1, 0);
        const auto in = [&](int64_t dy, int64_t dx) {
          return load<L>(input_pixel<S, L, D>(u, d, (y + dy) * STRIDE + 0, (x + dx) * STRIDE + 0));
        };
        const auto inner = [&](int64_t dy, int64_t dx) { return inside(dy, dx) ? in(dy, dx) : Vec<L>{}; };
        Vec<L> x0, x1;
        if (whole) {
          x0 = in(0, 0);  x1 = in(1, 0);
        } else {
          x0 = inner(0, 0);  x1 = inner(1, 0);
        }
        Vec<L> d0, d1, d2;
        Vec<L> a0{}, a1{};
        const float* const origin = slab + ((y - S::top) * S::pitch + (x - S::left)) * L;
        const auto grad = [=](int64_t dy, int64_t dx) { return load<L>(origin + (dy * S::pitch + dx) * L); };
        Vec<L> v;
        v = grad(-1, 0);
        d0 = sum(0);
        a0 += v * w(0);
        d0 += v * x0;
        v = grad(0, 0);
        d1 = sum(1);
        a1 += v * w(0);  a0 += v * w(1);
        d0 += v * x1;  d1 += v * x0;
        keep(0, d0);
        v = grad(1, 0);
        d2 = sum(2);
        a1 += v * w(1);  a0 += v * w(2);
        d1 += v * x1;  d2 += v * x0;
        keep(1, d1);
        v = grad(2, 0);
        a1 += v * w(2);
        d2 += v * x1;
        keep(2, d2);
        const auto put = [&](int64_t dy, int64_t dx, Vec<L> value) {
          put_pixel<S, L, D>(u, d, (y + dy) * STRIDE + 0, (x + dx) * STRIDE + 0, value);
        };
        const auto put_inner = [&](int64_t dy, int64_t dx, Vec<L> value) {
          if (inside(dy, dx)) put(dy, dx, value);
        };
        if (whole) {
          put(0, 0, a0);  put(1, 0, a1);
        } else {
          put_inner(0, 0, a0);  put_inner(1, 0, a1);
        }
      }
  }
}

template <int L, int D>
void line_67p5(Unit& u) {
  using S = Slab_67p5;
  // A row enters the slab when a band reaches it and stays for those that follow.
  constexpr int64_t ROWS = 4, END = OUT_HEIGHT, FIRST = 5 * OUT_WIDTH;
  u.grad_ahead = {u.grad + FIRST * CHANNELS, OUT_HEIGHT * OUT_WIDTH - FIRST, u.grad_ahead.next, u.grad_ahead.next ? FIRST : 0};
  constexpr int64_t READ = 4 * WIDTH;
  u.input_ahead = {u.input + READ * CHANNELS, HEIGHT * WIDTH - READ, u.input_ahead.next, u.input_ahead.next ? READ : 0};
  int64_t staged = 0;
  for (int64_t y = 0; y < END; y += ROWS) {
    const int64_t read = y + 3 + 1 + 1 - S::top;
    const int64_t reached = read < S::rows ? read : S::rows;
    stage<S, L, D>(u, staged, reached);
    staged = reached;
    line_67p5_0_0<L, D>(u, y, y + ROWS < END ? y + ROWS : END);
  }
}

struct Block {
  void (*body)(Unit&);
  int64_t channel, width, rows, scratch_floats;  // rows: vectors a lane has in `packed` and in a unit's sums
};

constexpr Block BLOCKS[] = {
    {line_22p5<16, 1>, 0, 16, 4, 2192},
    {line_67p5<16, 1>, 16, 16, 4, 2080},
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
int64_t scratch_bytes(const O1dShape*) { return 2192 * int64_t(sizeof(float)); }

// Weight k folds on tap t for first[t] <= k < first[t + 1].
constexpr int16_t FIRST_22p5[] = {0, 1, 4, 5};
constexpr int16_t FIRST_67p5[] = {0, 1, 4, 5};

struct Packing {
  const int16_t* first;
  int taps, centre, channel, lanes, depth;
};

constexpr Packing PACKINGS[] = {
    {FIRST_22p5, 3, 1, 0, 16, 1},
    {FIRST_67p5, 3, 1, 16, 16, 1},
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

void pack_weights(const O1dShape* shape, const float* weight, float centre, float* packed) {
  pack(shape, weight, nullptr, centre, packed);
}

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
          for (int k = p.first[t]; k < p.first[t + 1]; ++k) weight_grad[int64_t(channel + lane) * 5 + k] = float(sum);
        }
    partial += (units - 1) * size;
  }
}

Unit unit_of(const O1dGradientCall* call, int64_t u) {
  const int64_t b = u / (call->batch * BANDS), image = u / BANDS % call->batch, row = u % BANDS * BAND;
  const Block& block = BLOCKS[b];
  float* const scratch = static_cast<float*>(call->scratch);
  const int64_t pixel = (image * HEIGHT + row * STRIDE) * WIDTH * CHANNELS, channel = block.channel;
  return {.grad = call->grad + image * OUT_HEIGHT * OUT_WIDTH * CHANNELS + block.channel,
          .input = call->input + pixel + channel,
          .sums = scratch,
          .input_grad = call->input_grad + pixel + channel,
          .packed = call->packed + floats_before(b),
          .slab = scratch + block.rows * block.width,
          .row = row,
          .rows = OUT_HEIGHT - row < BAND ? OUT_HEIGHT - row : BAND,
          .aligned = reinterpret_cast<uintptr_t>(call->input_grad) % 64 == 0,
          .grad_ahead = {},
          .input_ahead = {},
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
    if (u + 1 < call->end) fetch_ahead(unit, unit_of(call, u + 1), BLOCKS[(u + 1) / (call->batch * BANDS)].width);
    const int64_t sums = block.rows * block.width;
    std::memset(unit.sums, 0, sums * sizeof(float));
    block.body(unit);
    float* const partial = call->partial + call->batch * BANDS * floats_before(b) + u % (call->batch * BANDS) * sums;
    std::memcpy(partial, unit.sums, sums * sizeof(float));
  }
  stream_fence();
}

}  // namespace

extern "C" const O1dGradient backward_nhwc_f32_12x9_s1_k5_a22p5_67p5_c32__cpp_sheared_grad_t2_l16_d1_b4_p2_s1;
const O1dGradient backward_nhwc_f32_12x9_s1_k5_a22p5_67p5_c32__cpp_sheared_grad_t2_l16_d1_b4_p2_s1 = {
    O1D_ABI, units, packed_floats, scratch_bytes, partial_floats, pack_weights, run, reduce};

}  // namespace backward_nhwc_f32_12x9_s1_k5_a22p5_67p5_c32__cpp_sheared_grad_t2_l16_d1_b4_p2_s1_code
