// Oriented depthwise convolution, gradients of weights and bias, float32: any size, stride, kernel length and angle, NCHW
// and NHWC. Do not edit: written by `oriented1d library refresh` from templates/cpp/general_wgrad.cpp.hbs.
//
//   dw[ch, k] = sum over n, p, q of dy[n, ch, p, q] * x[n, ch, p * stride + dy_k, q * stride + dx_k], db[ch] = sum of dy
//
// Taps of equal remainders by the stride read the same rows and columns of x, every stride-th: a lattice, on which they
// are taps at stride 1. A tile of dy, and what the taps read of a lattice for it, are copied to where they lie densely,
// with zeros around the plane. Then a few taps at a time walk over the tile with their sums in registers. A sum has
// lanes: channels (NHWC), or columns of one channel (NCHW), which are added in the end.
//   unit     a chunk of channels (NHWC: up to 16 of a group, NCHW: one) and a share of the tiles of all images
//   partial  [share][C][K + 1]: dw, each pixel's sum at its first tap, then db
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <type_traits>

#include "oriented1d_kernel.h"


namespace {

constexpr int TAPS = 6;          // a walk
constexpr int MOST_LANES = 16;   // a sum; half of them where few are left
constexpr int64_t TILE_ROWS = 64, NHWC_COLUMNS = 64, NCHW_COLUMNS = 256;  // of dy
constexpr int64_t SPREAD = 8;    // rows or columns between the taps of a walk, at most,
constexpr int64_t REACH = 32;    // and between the taps that share a copy of x
constexpr int64_t STRIP = 512;   // floats of a row that a walk reads before the next row: they stay in the first cache
constexpr int64_t MOST = 4096;   // products that a lane of a float32 sum has, at most
constexpr int64_t UNITS = 256;   // about so many, as far as there are tiles: enough for any number of threads
constexpr int64_t PARTIAL_FLOATS = 16777216;  // as long as there is more than one share

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t out_height(const O1dShape& s) { return divide_up(s.height, s.stride); }
int64_t out_width(const O1dShape& s) { return divide_up(s.width, s.stride); }

// Both offsets are monotone in k, so that taps on one pixel are neighbours: is tap k on the pixel of tap k - 1?
bool folds(const O1dShape& s, int64_t group, int64_t k) {
  const int32_t* dy = s.dy + group * s.kernel;
  const int32_t* dx = s.dx + group * s.kernel;
  return k > 0 && dy[k] == dy[k - 1] && dx[k] == dx[k - 1];
}

int64_t group_of(const O1dShape& s, int64_t channel) {
  return std::upper_bound(s.first, s.first + s.groups, channel) - s.first - 1;
}

bool is_nhwc(const O1dShape& s) { return s.layout == 1; }

int64_t divide_down(int64_t a, int64_t b) { return a >= 0 ? a / b : -divide_up(-a, b); }

struct Range {
  int64_t begin, end;

  int64_t count() const { return end - begin; }
};

// Part `i` of `count` of [0, size), in order.
Range part(int64_t i, int64_t count, int64_t size) { return {i * size / count, (i + 1) * size / count}; }

// ---- A walk: the only work that matters, in a copy for each kind of processor.

// sums[t][lane] += dy * x over `rows` rows of `length` floats; tap t reads x `offsets[t]` floats further.
struct Walk {
  const float* grad;
  const float* input;
  int64_t grad_pitch, input_pitch, rows, length;
  int count;
  int64_t offsets[TAPS];
  float* sums;
};

// In memory vectors may start at any float.
template <int LANES>
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

namespace any {

template <int LANES, int COUNT>
inline void accumulate(const Walk& walk) {
  using Vector = typename Lanes<LANES>::type;
  using Stored = typename Lanes<LANES>::stored;
  Vector sum[COUNT];
#pragma GCC unroll 6
  for (int t = 0; t < COUNT; ++t) sum[t] = *reinterpret_cast<const Stored*>(walk.sums + t * LANES);
  for (int64_t row = 0; row < walk.rows; ++row) {
    const float* const grad = walk.grad + row * walk.grad_pitch;
    const float* input[COUNT];
#pragma GCC unroll 6
    for (int t = 0; t < COUNT; ++t) input[t] = walk.input + row * walk.input_pitch + walk.offsets[t];
    for (int64_t i = 0; i < walk.length; i += LANES) {
      const Vector value = *reinterpret_cast<const Stored*>(grad + i);
#pragma GCC unroll 6
      for (int t = 0; t < COUNT; ++t) sum[t] += value * *reinterpret_cast<const Stored*>(input[t] + i);
    }
  }
#pragma GCC unroll 6
  for (int t = 0; t < COUNT; ++t) *reinterpret_cast<Stored*>(walk.sums + t * LANES) = sum[t];
}

template <int LANES>
inline void accumulate(const Walk& walk) {
  switch (walk.count) {
    case 1: return accumulate<LANES, 1>(walk);
    case 2: return accumulate<LANES, 2>(walk);
    case 3: return accumulate<LANES, 3>(walk);
    case 4: return accumulate<LANES, 4>(walk);
    case 5: return accumulate<LANES, 5>(walk);
    case 6: return accumulate<LANES, 6>(walk);
  }
}

}  // namespace any
#if defined(__x86_64__)
namespace avx512 {

template <int LANES, int COUNT>
__attribute__((target("avx512f,fma"))) void accumulate(const Walk& walk) {
  using Vector = typename Lanes<LANES>::type;
  using Stored = typename Lanes<LANES>::stored;
  Vector sum[COUNT];
#pragma GCC unroll 6
  for (int t = 0; t < COUNT; ++t) sum[t] = *reinterpret_cast<const Stored*>(walk.sums + t * LANES);
  for (int64_t row = 0; row < walk.rows; ++row) {
    const float* const grad = walk.grad + row * walk.grad_pitch;
    const float* input[COUNT];
#pragma GCC unroll 6
    for (int t = 0; t < COUNT; ++t) input[t] = walk.input + row * walk.input_pitch + walk.offsets[t];
    for (int64_t i = 0; i < walk.length; i += LANES) {
      const Vector value = *reinterpret_cast<const Stored*>(grad + i);
#pragma GCC unroll 6
      for (int t = 0; t < COUNT; ++t) sum[t] += value * *reinterpret_cast<const Stored*>(input[t] + i);
    }
  }
#pragma GCC unroll 6
  for (int t = 0; t < COUNT; ++t) *reinterpret_cast<Stored*>(walk.sums + t * LANES) = sum[t];
}

template <int LANES>
__attribute__((target("avx512f,fma"))) void accumulate(const Walk& walk) {
  switch (walk.count) {
    case 1: return accumulate<LANES, 1>(walk);
    case 2: return accumulate<LANES, 2>(walk);
    case 3: return accumulate<LANES, 3>(walk);
    case 4: return accumulate<LANES, 4>(walk);
    case 5: return accumulate<LANES, 5>(walk);
    case 6: return accumulate<LANES, 6>(walk);
  }
}

}  // namespace avx512
namespace avx2 {

template <int LANES, int COUNT>
__attribute__((target("avx2,fma"))) void accumulate(const Walk& walk) {
  using Vector = typename Lanes<LANES>::type;
  using Stored = typename Lanes<LANES>::stored;
  Vector sum[COUNT];
#pragma GCC unroll 6
  for (int t = 0; t < COUNT; ++t) sum[t] = *reinterpret_cast<const Stored*>(walk.sums + t * LANES);
  for (int64_t row = 0; row < walk.rows; ++row) {
    const float* const grad = walk.grad + row * walk.grad_pitch;
    const float* input[COUNT];
#pragma GCC unroll 6
    for (int t = 0; t < COUNT; ++t) input[t] = walk.input + row * walk.input_pitch + walk.offsets[t];
    for (int64_t i = 0; i < walk.length; i += LANES) {
      const Vector value = *reinterpret_cast<const Stored*>(grad + i);
#pragma GCC unroll 6
      for (int t = 0; t < COUNT; ++t) sum[t] += value * *reinterpret_cast<const Stored*>(input[t] + i);
    }
  }
#pragma GCC unroll 6
  for (int t = 0; t < COUNT; ++t) *reinterpret_cast<Stored*>(walk.sums + t * LANES) = sum[t];
}

template <int LANES>
__attribute__((target("avx2,fma"))) void accumulate(const Walk& walk) {
  switch (walk.count) {
    case 1: return accumulate<LANES, 1>(walk);
    case 2: return accumulate<LANES, 2>(walk);
    case 3: return accumulate<LANES, 3>(walk);
    case 4: return accumulate<LANES, 4>(walk);
    case 5: return accumulate<LANES, 5>(walk);
    case 6: return accumulate<LANES, 6>(walk);
  }
}

}  // namespace avx2
#endif

template <int LANES>
void accumulate(const Walk& walk) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return avx512::accumulate<LANES>(walk);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::accumulate<LANES>(walk);
#endif
  any::accumulate<LANES>(walk);
}

// ---- What a unit works on.

// Channels [first, first + count) of a group.
struct Chunk {
  int64_t group, first, count;
};

int64_t chunk_count(const O1dShape& s) {
  if (!is_nhwc(s)) return s.channels;
  int64_t count = 0;
  for (int64_t group = 0; group < s.groups; ++group)
    count += divide_up(s.first[group + 1] - s.first[group], MOST_LANES);
  return count;
}

Chunk chunk_of(const O1dShape& s, int64_t chunk) {
  if (!is_nhwc(s)) return {group_of(s, chunk), chunk, 1};
  for (int64_t group = 0;; ++group) {
    const int64_t channels = s.first[group + 1] - s.first[group], chunks = divide_up(channels, MOST_LANES);
    const int64_t first = chunk * MOST_LANES;
    if (chunk < chunks) return {group, s.first[group] + first, std::min<int64_t>(MOST_LANES, channels - first)};
    chunk -= chunks;
  }
}

// Tiles of an image: rows of tiles, and how many a row has. They are of about equal size.
int64_t tile_rows(const O1dShape& s) { return divide_up(out_height(s), TILE_ROWS); }
int64_t tile_columns(const O1dShape& s) { return divide_up(out_width(s), is_nhwc(s) ? NHWC_COLUMNS : NCHW_COLUMNS); }

int64_t tiles(const O1dShape& s, int64_t batch) { return batch * tile_rows(s) * tile_columns(s); }

// The shares that the tiles of all images are split into.
int64_t shares(const O1dShape& s, int64_t batch) {
  const int64_t most = std::max<int64_t>(1, PARTIAL_FLOATS / (s.channels * (s.kernel + int64_t{1})));
  return std::min({tiles(s, batch), divide_up(UNITS, chunk_count(s)), most});
}

// A tap on its lattice, which begins at (row, column): it reads dy rows below and dx columns beside an output.
struct Tap {
  int64_t row, column, dy, dx, k;
};

// A group's distinct taps, one lattice after the other; gives their end.
Tap* order_taps(const O1dShape& s, int64_t group, Tap* taps) {
  Tap* end = taps;
  for (int64_t k = 0; k < s.kernel; ++k) {
    if (folds(s, group, k)) continue;
    const int64_t y = s.dy[group * s.kernel + k], x = s.dx[group * s.kernel + k];
    const int64_t dy = divide_down(y, s.stride), dx = divide_down(x, s.stride);
    *end++ = {y - dy * s.stride, x - dx * s.stride, dy, dx, k};
  }
  std::sort(taps, end, [](const Tap& a, const Tap& b) {
    return a.row != b.row ? a.row < b.row : a.column != b.column ? a.column < b.column : a.k < b.k;
  });
  return end;
}

// Taps of one lattice, and what they span.
struct Bundle {
  const Tap* begin;
  const Tap* end;
  int64_t top, bottom, left, right;
};

// The next taps, as many as there are `most`, on one lattice and no further apart than `reach`.
Bundle bundle_of(const Tap* begin, const Tap* last, int64_t most, int64_t reach) {
  Bundle all{begin, begin, begin->dy, begin->dy, begin->dx, begin->dx};
  for (const Tap* tap = begin; tap < last && tap - begin < most; ++tap) {
    if (tap->row != begin->row || tap->column != begin->column) break;
    const Bundle more{begin, tap + 1, std::min(all.top, tap->dy), std::max(all.bottom, tap->dy),
                      std::min(all.left, tap->dx), std::max(all.right, tap->dx)};
    if (more.bottom - more.top > reach || more.right - more.left > reach) break;
    all = more;
  }
  return all;
}

// ---- Copies.

// A plane, or a lattice of one: pixels `step` floats apart, rows `pitch` apart, `channels` of each pixel.
struct Plane {
  const float* first;
  int64_t height, width, pitch, step, channels;
};

// A copy of rows and columns of a plane: pixels of `pixel` floats, zeros outside of the plane and up to the next row.
struct Copy {
  float* data;
  Range rows, columns;
  int64_t pixel, pitch;

  float* at(int64_t y, int64_t x) const { return data + (y - rows.begin) * pitch + (x - columns.begin) * pixel; }
};

// Pixels of `channels` floats to pixels of as many or more; the rest are zeros.
inline void copy_pixels(const float* from, int64_t step, int64_t count, int64_t channels, float* to, int64_t pixel) {
  if (pixel == 1 && step == 1) {
    std::memcpy(to, from, count * sizeof(float));
  } else if (pixel == 1) {
    for (int64_t i = 0; i < count; ++i) to[i] = from[i * step];
  } else if (channels == MOST_LANES) {
    constexpr int64_t FLOATS = MOST_LANES;  // a copy of known size is a few instructions
    for (int64_t i = 0; i < count; ++i) std::memcpy(to + i * FLOATS, from + i * step, FLOATS * sizeof(float));
  } else {
    for (int64_t i = 0; i < count; ++i)
      for (int64_t lane = 0; lane < pixel; ++lane) to[i * pixel + lane] = lane < channels ? from[i * step + lane] : 0.0f;
  }
}

void fill(const Copy& copy, const Plane& plane) {
  const int64_t left = std::clamp<int64_t>(0, copy.columns.begin, copy.columns.end);
  const int64_t right = std::clamp(plane.width, left, copy.columns.end);
  for (int64_t y = copy.rows.begin; y < copy.rows.end; ++y) {
    float *const row = copy.at(y, copy.columns.begin), *const end = row + copy.pitch;
    if (y < 0 || y >= plane.height) {
      std::fill(row, end, 0.0f);
      continue;
    }
    std::fill(row, copy.at(y, left), 0.0f);
    copy_pixels(plane.first + y * plane.pitch + left * plane.step, plane.step, right - left, plane.channels,
                copy.at(y, left), copy.pixel);
    std::fill(copy.at(y, right), end, 0.0f);
  }
}

// ---- A unit.

// A thread's memory.
struct Scratch {
  Tap* taps;
  double* totals;  // [taps + 1][MOST_LANES]: of each tap, in their order, then of the bias
  float* sums;     // the same, of the latest tiles
  float *grad, *input, *ones;
  int64_t bytes;
};

// Floats of a copied row, at most, of a tile's columns and `more`.
int64_t row_floats(const O1dShape& s, int64_t more) {
  return is_nhwc(s) ? (std::min(NHWC_COLUMNS, out_width(s)) + more) * MOST_LANES
                    : std::min(NCHW_COLUMNS, out_width(s)) + more + MOST_LANES;
}

Scratch scratch_of(const O1dShape& s, void* memory) {
  const int64_t rows = std::min(TILE_ROWS, out_height(s)), sums = (s.kernel + int64_t{1}) * MOST_LANES;
  Scratch scratch{};
  const auto place = [&](auto*& array, int64_t count) {
    const uintptr_t at = reinterpret_cast<uintptr_t>(memory) + scratch.bytes;
    array = reinterpret_cast<std::remove_reference_t<decltype(array)>>(at);
    scratch.bytes += divide_up(count * int64_t{sizeof *array}, 64) * 64;
  };
  place(scratch.taps, s.kernel);
  place(scratch.totals, sums);
  place(scratch.sums, sums);
  place(scratch.grad, rows * row_floats(s, 0));
  place(scratch.input, (rows + REACH) * row_floats(s, REACH));
  place(scratch.ones, row_floats(s, 0));
  return scratch;
}

// A chunk's channels of the image that a tile is in, and the tile's copy of dy.
struct Tile {
  Plane input;
  Copy grad;
};

struct Unit {
  const O1dShape& s;
  Scratch scratch;
  Chunk chunk;
  int64_t lanes, pixel;  // lanes of a sum; floats of a pixel's copy
  const Tap* taps_end;

  int64_t tap_count() const { return taps_end - scratch.taps; }
  float* sums(const Tap* tap) const { return scratch.sums + (tap - scratch.taps) * lanes; }
};

Copy copy_of(const Unit& unit, float* data, Range rows, Range columns) {
  return {data, rows, columns, unit.pixel, columns.count() * unit.pixel + (unit.pixel == 1 ? MOST_LANES : 0)};
}

// The chunk's channels of an image.
Plane plane_of(const Unit& unit, const float* tensor, int64_t image, int64_t height, int64_t width) {
  const int64_t channels = unit.s.channels, plane = height * width, first = unit.chunk.first;
  if (!is_nhwc(unit.s)) return {tensor + (image * channels + first) * plane, height, width, width, 1, 1};
  return {tensor + image * plane * channels + first, height, width, width * channels, channels, unit.chunk.count};
}

Tile tile_of(const Unit& unit, const O1dGradientCall& call, int64_t tile) {
  const O1dShape& s = unit.s;
  const int64_t image = tile / tiles(s, 1), place = tile % tiles(s, 1), across = tile_columns(s);
  const Range rows = part(place / across, tile_rows(s), out_height(s));
  const Range columns = part(place % across, across, out_width(s));
  const Copy grad = copy_of(unit, unit.scratch.grad, rows, columns);
  fill(grad, plane_of(unit, call.grad, image, out_height(s), out_width(s)));
  return {plane_of(unit, call.input, image, s.height, s.width), grad};
}

void walk_over(const Unit& unit, Walk walk) {
  const int64_t length = divide_up(walk.length, unit.lanes) * unit.lanes;
  for (int64_t i = 0; i < length; i += STRIP, walk.grad += STRIP, walk.input += STRIP) {
    walk.length = std::min(STRIP, length - i);
    if (unit.lanes == MOST_LANES) accumulate<MOST_LANES>(walk);
    else accumulate<MOST_LANES / 2>(walk);
  }
}

// Adds dy, as products with ones.
void add_bias(const Unit& unit, const Copy& grad) {
  const int64_t length = grad.columns.count() * unit.pixel;
  walk_over(unit, {grad.data, unit.scratch.ones, grad.pitch, 0, grad.rows.count(), length, 1, {}, unit.sums(unit.taps_end)});
}

// The outputs of `within` for which one of the offsets [first, last] lies in [0, size).
Range meeting(int64_t first, int64_t last, int64_t size, Range within) {
  return {std::max(within.begin, -last), std::min(within.end, size - first)};
}

// Adds the products of a few taps of one copy.
void add_taps(const Unit& unit, const Bundle& taps, const Plane& lattice, const Copy& grad, const Copy& input) {
  const Range rows = meeting(taps.top, taps.bottom, lattice.height, grad.rows);
  const Range columns = meeting(taps.left, taps.right, lattice.width, grad.columns);
  if (rows.count() <= 0 || columns.count() <= 0) return;
  const float* const first = input.at(rows.begin + taps.top, columns.begin + taps.left);
  const int64_t length = columns.count() * unit.pixel;
  Walk walk{grad.at(rows.begin, columns.begin), first, grad.pitch, input.pitch, rows.count(), length, 0, {},
            unit.sums(taps.begin)};
  for (const Tap* tap = taps.begin; tap < taps.end; ++tap)
    walk.offsets[walk.count++] = (tap->dy - taps.top) * input.pitch + (tap->dx - taps.left) * unit.pixel;
  walk_over(unit, walk);
}

// The pixels of the image that a tap's lattice has.
Plane lattice_of(const Plane& image, const Tap& tap, int64_t stride) {
  return {image.first + tap.row * image.pitch + tap.column * image.step,
          divide_up(image.height - tap.row, stride),
          divide_up(image.width - tap.column, stride),
          image.pitch * stride,
          image.step * stride,
          image.channels};
}

// What outputs read through offsets [first, last] of `size` pixels, and of the zeros around them as far as a walk reads.
Range around(Range outputs, int64_t first, int64_t last, int64_t size) {
  return {std::max(outputs.begin + first, -SPREAD), std::min(outputs.end + last, size + SPREAD)};
}

// Adds the products of taps that share a copy of x.
void add_bundle(const Unit& unit, const Bundle& all, const Tile& tile) {
  const Tap& one = *all.begin;
  if (one.row >= tile.input.height || one.column >= tile.input.width) return;
  const Plane lattice = lattice_of(tile.input, one, unit.s.stride);
  const Range rows = around(tile.grad.rows, all.top, all.bottom, lattice.height);
  const Range columns = around(tile.grad.columns, all.left, all.right, lattice.width);
  if (rows.count() <= 0 || columns.count() <= 0) return;
  const Copy input = copy_of(unit, unit.scratch.input, rows, columns);
  fill(input, lattice);
  for (const Tap* tap = all.begin; tap < all.end;) {
    const int64_t left = all.end - tap;
    // Walks of about equal numbers of taps.
    const Bundle few = bundle_of(tap, all.end, divide_up(left, divide_up(left, TAPS)), SPREAD);
    add_taps(unit, few, lattice, tile.grad, input);
    tap = few.end;
  }
}

// Empties the sums into the totals.
void settle(const Unit& unit) {
  for (int64_t i = 0; i < (unit.tap_count() + 1) * unit.lanes; ++i) {
    unit.scratch.totals[i] += unit.scratch.sums[i];
    unit.scratch.sums[i] = 0;
  }
}

void add_tiles(const Unit& unit, const O1dGradientCall& call, Range mine) {
  int64_t products = 0;
  for (int64_t i = mine.begin; i < mine.end; ++i) {
    const Tile tile = tile_of(unit, call, i);
    products += tile.grad.rows.count() * divide_up(tile.grad.columns.count() * unit.pixel, unit.lanes);
    if (products > MOST) {
      settle(unit);
      products = 0;
    }
    add_bias(unit, tile.grad);
    for (const Tap* tap = unit.scratch.taps; tap < unit.taps_end;) {
      const Bundle bundle = bundle_of(tap, unit.taps_end, unit.s.kernel, REACH);
      add_bundle(unit, bundle, tile);
      tap = bundle.end;
    }
  }
  settle(unit);
}

// Writes the chunk's rows of the partial sums.
void write(const Unit& unit, float* partial) {
  const int64_t row = unit.s.kernel + int64_t{1};
  std::fill(partial, partial + unit.chunk.count * row, 0.0f);
  for (int64_t i = 0; i <= unit.tap_count(); ++i) {
    const int64_t k = i < unit.tap_count() ? unit.scratch.taps[i].k : unit.s.kernel;
    const double* const total = unit.scratch.totals + i * unit.lanes;
    if (is_nhwc(unit.s))
      for (int64_t channel = 0; channel < unit.chunk.count; ++channel) partial[channel * row + k] = total[channel];
    else
      partial[k] = std::accumulate(total, total + unit.lanes, 0.0);
  }
}

void run_unit(const O1dGradientCall& call, int64_t index) {
  const O1dShape& s = *call.shape;
  const int64_t chunks = chunk_count(s), share = index / chunks, all = shares(s, call.batch);
  const Chunk chunk = chunk_of(s, index % chunks);
  const bool wide = (is_nhwc(s) ? chunk.count : out_width(s)) > MOST_LANES / 2;
  const int64_t lanes = wide ? MOST_LANES : MOST_LANES / 2;
  const Scratch scratch = scratch_of(s, call.scratch);
  const Unit unit{s, scratch, chunk, lanes, is_nhwc(s) ? lanes : 1, order_taps(s, chunk.group, scratch.taps)};
  const int64_t sums = (unit.tap_count() + 1) * lanes;
  std::fill(scratch.totals, scratch.totals + sums, 0.0);
  std::fill(scratch.sums, scratch.sums + sums, 0.0f);
  std::fill(scratch.ones, scratch.ones + row_floats(s, 0), 1.0f);
  add_tiles(unit, call, part(share, all, tiles(s, call.batch)));
  write(unit, call.partial + (share * s.channels + chunk.first) * (s.kernel + int64_t{1}));
}

// ---- The kernel.

int64_t units(const O1dShape* s, int64_t batch) { return chunk_count(*s) * shares(*s, batch); }

int64_t packed_floats(const O1dShape*) { return 0; }

int64_t scratch_bytes(const O1dShape* s) { return scratch_of(*s, nullptr).bytes; }

int64_t partial_floats(const O1dShape* s, int64_t batch) {
  return shares(*s, batch) * s->channels * (s->kernel + int64_t{1});
}

void pack(const O1dShape*, const float*, float, float*) {}

void run(const O1dGradientCall* call) {
  for (int64_t unit = call->begin; unit < call->end; ++unit) run_unit(*call, unit);
}

void reduce(const O1dShape* shape, int64_t batch, const float* partial, float* weight_grad, float* bias_grad) {
  const O1dShape& s = *shape;
  const int64_t kernel = s.kernel, share = s.channels * (kernel + 1), count = shares(s, batch);
  for (int64_t channel = 0; channel < s.channels; ++channel) {
    const int64_t group = group_of(s, channel);
    const float* const first = partial + channel * (kernel + 1);
    const auto sum = [=](int64_t k) {
      double all = 0;
      for (int64_t i = 0; i < count; ++i) all += first[i * share + k];
      return float(all);
    };
    float* const weights = weight_grad + channel * kernel;
    for (int64_t k = 0; k < kernel; ++k) weights[k] = folds(s, group, k) ? weights[k - 1] : sum(k);
    bias_grad[channel] = sum(kernel);
  }
}

}  // namespace

extern "C" {
extern const O1dGradient cpp_general_wgrad_f32;
const O1dGradient cpp_general_wgrad_f32 = {O1D_ABI, units, packed_floats, scratch_bytes, partial_floats, pack, run, reduce};
}
