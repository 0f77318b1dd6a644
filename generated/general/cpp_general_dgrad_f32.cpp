// Oriented depthwise convolution, gradient of its input, float32: any size, stride, kernel length and angle, NCHW and NHWC.
// Do not edit: written by `oriented1d library refresh` from templates/cpp/general_dgrad.cpp.hbs.
//
// It is the transpose of the forward convolution: the input is dy, of out_height x out_width, the output dx, of
// height x width, and dx[y, x] sums the taps k over dy[(y - dy_k) / stride, (x - dx_k) / stride], where both divide.
//   unit     NHWC: one output row of one image.  NCHW: up to 16 output rows of one plane
//   packed   weights [K][C], each pixel's sum at its first tap, then what pack() writes for a bias, which is not read
#include <algorithm>
#include <cstdint>

#include "oriented1d_kernel.h"


// The fallback is built for any processor; where the loader can choose (GNU ifunc), AVX2 and FMA get a copy of their own.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
#define O1D_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define O1D_CLONES
#endif

namespace {

constexpr int64_t BAND_ROWS = 16;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t out_height(const O1dShape& s) { return divide_up(s.height, s.stride); }
int64_t out_width(const O1dShape& s) { return divide_up(s.width, s.stride); }

// Both offsets are monotone in k, so that taps on one pixel are neighbours: is tap k on the pixel of tap k - 1?
bool folds(const O1dShape& s, int64_t group, int64_t k) {
  const int32_t* dy = s.dy + group * s.kernel;
  const int32_t* dx = s.dx + group * s.kernel;
  return k > 0 && dy[k] == dy[k - 1] && dx[k] == dx[k - 1];
}

void pack(const O1dShape* shape, const float* weight, const float* bias, float centre, float* packed) {
  const O1dShape& s = *shape;
  const int64_t channels = s.channels, kernel = s.kernel;
  std::fill(packed, packed + kernel * channels, 0.0f);
  for (int64_t group = 0; group < s.groups; ++group)
    for (int64_t channel = s.first[group]; channel < s.first[group + 1]; ++channel)
      for (int64_t k = 0, sum = 0; k < kernel; ++k) {
        if (!folds(s, group, k)) sum = k;
        packed[sum * channels + channel] += weight[channel * kernel + k] + (k == kernel / 2 ? centre : 0.0f);
      }
  for (int64_t channel = 0; channel < channels; ++channel)
    packed[kernel * channels + channel] = bias ? bias[channel] : 0.0f;
}

// ---- NHWC: columns of one remainder by the stride read through the same taps, each at a distance of its own, and their
// neighbours are neighbours in dy, too. The sums of a block of channels stay in registers over the taps of a pixel.

// A tap that these columns read through: how many columns further they read, the row of the input, and its weights.
struct RowTap {
  int64_t ahead;
  const float* input;
  const float* weight;
};

// Columns `stride` apart, `columns` of them; `output` is the first.
struct Row {
  const RowTap* taps;
  const RowTap* taps_end;
  float* output;
  int64_t channels, out_width, columns, stride;
};

// Channels from `channel` on, LANES at a time while they last before `end`; gives the first channel that is left.
template <int LANES>
inline __attribute__((always_inline)) int64_t convolve(const Row& row, int64_t channel, int64_t end) {
  for (; channel + LANES <= end; channel += LANES)
    for (int64_t i = 0; i < row.columns; ++i) {
      float sum[LANES] = {};
      for (const RowTap* tap = row.taps; tap < row.taps_end; ++tap) {
        const int64_t q = i + tap->ahead;
        if (q < 0 || q >= row.out_width) continue;
        const float* input = tap->input + q * row.channels + channel;
        const float* weight = tap->weight + channel;
        for (int lane = 0; lane < LANES; ++lane) sum[lane] += weight[lane] * input[lane];
      }
      float* output = row.output + i * row.stride * row.channels + channel;
      for (int lane = 0; lane < LANES; ++lane) output[lane] = sum[lane];
    }
  return channel;
}

O1D_CLONES void convolve_row(const Row& row, int64_t channel, int64_t end) {
  channel = convolve<64>(row, channel, end);
  channel = convolve<32>(row, channel, end);
  channel = convolve<8>(row, channel, end);
  channel = convolve<4>(row, channel, end);
  channel = convolve<1>(row, channel, end);
}

void run_nhwc(const O1dCall& call, const O1dShape& s, int64_t unit) {
  const int64_t image = unit / s.height, y = unit % s.height;
  const int64_t channels = s.channels, pitch = out_width(s) * channels;
  RowTap* taps = static_cast<RowTap*>(call.scratch);
  for (int64_t group = 0; group < s.groups; ++group)
    for (int64_t first = 0; first < std::min(s.stride, s.width); ++first) {
      RowTap* end = taps;
      for (int64_t k = 0; k < s.kernel; ++k) {
        const int64_t above = y - s.dy[group * s.kernel + k], before = first - s.dx[group * s.kernel + k];
        if (above % s.stride != 0 || before % s.stride != 0 || folds(s, group, k)) continue;
        const int64_t p = above / s.stride;
        if (p < 0 || p >= out_height(s)) continue;
        *end++ = {before / s.stride, call.input + (image * out_height(s) + p) * pitch, call.packed + k * channels};
      }
      const Row row{taps,
                    end,
                    call.output + (unit * s.width + first) * channels,
                    channels,
                    out_width(s),
                    divide_up(s.width - first, s.stride),
                    s.stride};
      convolve_row(row, s.first[group], s.first[group + 1]);
    }
}

// ---- NCHW: tap by tap over a band of rows of dx, which stays in the first cache.

// Inputs [begin, end).
struct Range {
  int64_t begin, end;
};

// The inputs i of `size` for which i * stride + offset lies in [begin, end).
Range reaching(int64_t offset, int64_t begin, int64_t end, int64_t stride, int64_t size) {
  return {divide_up(std::max<int64_t>(0, begin - offset), stride),
          std::min(size, divide_up(std::max<int64_t>(0, end - offset), stride))};
}

// output[q * stride] += weight * input[q]
O1D_CLONES void add_row(float weight, const float* __restrict input, int64_t stride, float* __restrict output, int64_t n) {
  for (int64_t q = 0; q < n; ++q) output[q * stride] += weight * input[q];
}

int64_t group_of(const O1dShape& s, int64_t channel) {
  return std::upper_bound(s.first, s.first + s.groups, channel) - s.first - 1;
}

void run_nchw(const O1dCall& call, const O1dShape& s, int64_t unit) {
  const int64_t bands = divide_up(s.height, BAND_ROWS), plane = unit / bands, channel = plane % s.channels;
  const int64_t top = unit % bands * BAND_ROWS, bottom = std::min<int64_t>(top + BAND_ROWS, s.height);
  const int64_t pitch = out_width(s), group = group_of(s, channel);
  const float* input = call.input + plane * out_height(s) * pitch;
  float* output = call.output + plane * s.height * s.width;
  std::fill(output + top * s.width, output + bottom * s.width, 0.0f);
  for (int64_t k = 0; k < s.kernel; ++k) {
    if (folds(s, group, k)) continue;
    const int64_t dy = s.dy[group * s.kernel + k], dx = s.dx[group * s.kernel + k];
    const Range rows = reaching(dy, top, bottom, s.stride, out_height(s));
    const Range columns = reaching(dx, 0, s.width, s.stride, pitch);
    // Where no column is reached, the first one may lie beyond the plane.
    if (columns.begin >= columns.end) continue;
    for (int64_t p = rows.begin; p < rows.end; ++p)
      add_row(call.packed[k * s.channels + channel], input + p * pitch + columns.begin, s.stride,
              output + (p * s.stride + dy) * s.width + columns.begin * s.stride + dx, columns.end - columns.begin);
  }
}

// ---- The kernel.

bool is_nhwc(const O1dShape& s) { return s.layout == 1; }

int64_t units(const O1dShape* s, int64_t batch) {
  return is_nhwc(*s) ? batch * s->height : batch * s->channels * divide_up(s->height, BAND_ROWS);
}

int64_t packed_floats(const O1dShape* s) { return (s->kernel + int64_t{1}) * s->channels; }

int64_t scratch_bytes(const O1dShape* s) { return is_nhwc(*s) ? s->kernel * int64_t{sizeof(RowTap)} : 0; }

void run(const O1dCall* call) {
  const auto run_unit = is_nhwc(*call->shape) ? run_nhwc : run_nchw;
  for (int64_t unit = call->begin; unit < call->end; ++unit) run_unit(*call, *call->shape, unit);
}

}  // namespace

extern "C" {
extern const O1dKernel cpp_general_dgrad_f32;
const O1dKernel cpp_general_dgrad_f32 = {O1D_ABI, units, packed_floats, scratch_bytes, pack, run};
}
