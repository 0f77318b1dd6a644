// Oriented depthwise convolution, forward, float32: any size, stride, kernel length and angle, NCHW and NHWC.
// Do not edit: written by `oriented1d library refresh` from templates/cpp/general_fprop.cpp.hbs.
//
// It runs where no specialised kernel can. Taps outside the plane are left out as a whole, a range of rows and
// columns (NCHW) or a pixel (NHWC) at a time, so that no inner loop tests anything.
//   unit     NHWC: one output row of one image.  NCHW: up to 16 output rows of one plane
//   packed   weights [K][C], each pixel's sum at its first tap, then bias [C]
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

// ---- NHWC: the sums of a block of channels stay in registers over the taps of a pixel.

// A tap whose row lies in the plane: its row of the input and its weights.
struct RowTap {
  int64_t dx;
  const float* input;
  const float* weight;
};

struct Row {
  const RowTap* taps;
  const RowTap* taps_end;
  const float* bias;
  float* output;
  int64_t channels, width, out_width, stride;
};

// Channels from `channel` on, LANES at a time while they last before `end`; gives the first channel that is left.
template <int LANES>
inline __attribute__((always_inline)) int64_t convolve(const Row& row, int64_t channel, int64_t end) {
  for (; channel + LANES <= end; channel += LANES)
    for (int64_t q = 0; q < row.out_width; ++q) {
      float sum[LANES];
      for (int i = 0; i < LANES; ++i) sum[i] = row.bias[channel + i];
      for (const RowTap* tap = row.taps; tap < row.taps_end; ++tap) {
        const int64_t x = q * row.stride + tap->dx;
        if (x < 0 || x >= row.width) continue;
        const float* input = tap->input + x * row.channels + channel;
        const float* weight = tap->weight + channel;
        for (int i = 0; i < LANES; ++i) sum[i] += weight[i] * input[i];
      }
      float* output = row.output + q * row.channels + channel;
      for (int i = 0; i < LANES; ++i) output[i] = sum[i];
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
  const int64_t image = unit / out_height(s), p = unit % out_height(s);
  const int64_t channels = s.channels, pitch = s.width * channels;
  RowTap* taps = static_cast<RowTap*>(call.scratch);
  for (int64_t group = 0; group < s.groups; ++group) {
    RowTap* end = taps;
    for (int64_t k = 0; k < s.kernel; ++k) {
      const int64_t y = p * s.stride + s.dy[group * s.kernel + k];
      if (y < 0 || y >= s.height || folds(s, group, k)) continue;
      *end++ = {s.dx[group * s.kernel + k], call.input + (image * s.height + y) * pitch, call.packed + k * channels};
    }
    const Row row{taps,
                  end,
                  call.packed + s.kernel * channels,
                  call.output + unit * out_width(s) * channels,
                  channels,
                  s.width,
                  out_width(s),
                  s.stride};
    convolve_row(row, s.first[group], s.first[group + 1]);
  }
}

// ---- NCHW: tap by tap over a band of rows, which stays in the first cache.

// Outputs [begin, end).
struct Range {
  int64_t begin, end;
};

// The outputs i of `within` for which i * stride + offset lies in [0, size).
Range reaching(int64_t offset, int64_t size, int64_t stride, Range within) {
  return {std::max(within.begin, divide_up(std::max<int64_t>(0, -offset), stride)),
          std::min(within.end, divide_up(std::max<int64_t>(0, size - offset), stride))};
}

// output[q] += weight * input[q * stride]
O1D_CLONES void add_row(float weight, const float* __restrict input, int64_t stride, float* __restrict output, int64_t n) {
  if (stride == 1)
    for (int64_t q = 0; q < n; ++q) output[q] += weight * input[q];
  else
    for (int64_t q = 0; q < n; ++q) output[q] += weight * input[q * stride];
}

int64_t group_of(const O1dShape& s, int64_t channel) {
  return std::upper_bound(s.first, s.first + s.groups, channel) - s.first - 1;
}

void run_nchw(const O1dCall& call, const O1dShape& s, int64_t unit) {
  const int64_t bands = divide_up(out_height(s), BAND_ROWS), plane = unit / bands, channel = plane % s.channels;
  const int64_t top = unit % bands * BAND_ROWS, bottom = std::min(top + BAND_ROWS, out_height(s));
  const int64_t pitch = out_width(s), group = group_of(s, channel);
  const float* input = call.input + plane * s.height * s.width;
  float* output = call.output + plane * out_height(s) * pitch;
  std::fill(output + top * pitch, output + bottom * pitch, call.packed[s.kernel * int64_t{s.channels} + channel]);
  for (int64_t k = 0; k < s.kernel; ++k) {
    if (folds(s, group, k)) continue;
    const int64_t dy = s.dy[group * s.kernel + k], dx = s.dx[group * s.kernel + k];
    const Range rows = reaching(dy, s.height, s.stride, {top, bottom});
    const Range columns = reaching(dx, s.width, s.stride, {0, pitch});
    for (int64_t p = rows.begin; p < rows.end; ++p)
      add_row(call.packed[k * s.channels + channel],
              input + (p * s.stride + dy) * s.width + columns.begin * s.stride + dx, s.stride,
              output + p * pitch + columns.begin, columns.end - columns.begin);
  }
}

// ---- The kernel.

bool is_nhwc(const O1dShape& s) { return s.layout == 1; }

int64_t units(const O1dShape* s, int64_t batch) {
  return is_nhwc(*s) ? batch * out_height(*s) : batch * s->channels * divide_up(out_height(*s), BAND_ROWS);
}

int64_t packed_floats(const O1dShape* s) { return (s->kernel + int64_t{1}) * s->channels; }

int64_t scratch_bytes(const O1dShape* s) { return is_nhwc(*s) ? s->kernel * int64_t{sizeof(RowTap)} : 0; }

void run(const O1dCall* call) {
  const auto run_unit = is_nhwc(*call->shape) ? run_nhwc : run_nchw;
  for (int64_t unit = call->begin; unit < call->end; ++unit) run_unit(*call, *call->shape, unit);
}

}  // namespace

extern "C" {
extern const O1dKernel cpp_general_fprop_f32;
const O1dKernel cpp_general_fprop_f32 = {O1D_ABI, units, packed_floats, scratch_bytes, pack, run};
}
