// Oriented depthwise convolution, forward, float32: any size, stride, kernel length and angle, NCHW and NHWC.
// Do not edit: written by `oriented1d library refresh` from templates/cuda/general_fprop.cu.hbs.
//
// It runs where no specialised kernel can. A thread computes up to 4 outputs of a channel, one below the other, so
// that a tap's offsets, weight and column serve all of them. Threads follow the output's order in memory: neighbours
// are channels (NHWC) or columns (NCHW), so that a warp's loads and stores lie side by side.
//   launch   grid.x = batch * ceil(channels * outWidth * ceil(outHeight / 4) / 256), block.x = 256
//   packed   (kernel + 1) * channels floats: weights [K][C], each pixel's sum at its first tap, then bias [C];
//            cuda_general_fprop_f32_pack writes one a thread
//   arrays   all in device memory; images and batches of any size

using T = float;

constexpr int ROWS = 4;

// A problem without its batch: O1dShape of runtime/native/oriented1d_kernel.h, byte for byte. Layout: 0 NCHW, 1 NHWC.
// Group g owns the channels [first[g], first[g + 1]) and its tap k reads at (dy[g * kernel + k], dx[g * kernel + k]).
struct Shape {
  int layout, channels, height, width, stride, kernel, groups;
  const int* first;
  const int* dy;
  const int* dx;
};

// The taps of one group.
struct Taps {
  const int* dy;
  const int* dx;

  // Both offsets are monotone in k, so that taps on one pixel are neighbours: is tap k on the pixel of tap k - 1?
  __device__ bool folds(int k) const { return k > 0 && dy[k] == dy[k - 1] && dx[k] == dx[k - 1]; }
};

__device__ __forceinline__ Taps taps_of(const Shape& s, int channel) {
  int group = 0, last = s.groups - 1;
  while (group < last) {
    const int middle = (group + last) / 2;
    if (channel < s.first[middle + 1]) last = middle;
    else group = middle + 1;
  }
  const long long at = (long long)group * s.kernel;
  return {s.dy + at, s.dx + at};
}

// ceil(a / b), where a + b may be too large.
__device__ __forceinline__ unsigned divide_up(unsigned a, unsigned b) { return (a - 1) / b + 1; }

// What a thread computes: outputs [p, p + ROWS) of column q, as far as there are.
struct Place {
  int channel;
  unsigned p, q;
  bool exists;
};

// The `item`th place of an image, in the output's order.
__device__ __forceinline__ Place place_of(const Shape& s, unsigned long long item) {
  const unsigned bands = divide_up(divide_up(s.height, s.stride), ROWS), columns = divide_up(s.width, s.stride);
  if (s.layout == 1) {
    const unsigned long long pixel = item / s.channels, band = pixel / columns;
    return {int(item % s.channels), unsigned(band) * ROWS, unsigned(pixel % columns), band < bands};
  }
  const unsigned long long row = item / columns, channel = row / bands;
  return {int(channel), unsigned(row % bands) * ROWS, unsigned(item % columns), channel < s.channels};
}

// `in` and `out` are the first pixels of the place's channel, `weight` its first weight. An Offset counts floats from them.
template <class Offset>
__device__ __forceinline__ void convolve(const T* in, const T* weight, T* out, const Place& place, const Shape& s) {
  const unsigned height = s.height, width = s.width, stride = s.stride;
  const unsigned out_height = divide_up(height, stride), out_width = divide_up(width, stride);
  const Offset pixel = s.layout == 1 ? s.channels : 1;  // from one pixel to the next
  const Taps taps = taps_of(s, place.channel);
  T sum[ROWS];
#pragma unroll
  for (int r = 0; r < ROWS; ++r) sum[r] = __ldg(weight + (long long)s.kernel * s.channels);
  for (int k = 0; k < s.kernel; ++k, weight += s.channels) {
    // Unsigned, so that what lies before the plane wraps to far behind it.
    const unsigned x = place.q * stride + taps.dx[k], y = place.p * stride + taps.dy[k];
    if (x >= width || taps.folds(k)) continue;
    const T w = __ldg(weight);
    T value[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
      const unsigned below = y + r * stride;
      value[r] = below < height ? __ldg(in + (below * (pixel * width) + x * pixel)) : T(0);
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) sum[r] = fmaf(w, value[r], sum[r]);
  }
#pragma unroll
  for (int r = 0; r < ROWS; ++r)
    if (place.p + r < out_height) out[(place.p + r) * (pixel * out_width) + place.q * pixel] = sum[r];
}

// Launched as above.
extern "C" __global__ void __launch_bounds__(256) cuda_general_fprop_f32(
    const T* __restrict__ input, const T* __restrict__ packed, T* __restrict__ output, int batch, const Shape s) {
  const unsigned blocks = gridDim.x / batch;
  const Place place = place_of(s, blockIdx.x % blocks * (unsigned long long)256 + threadIdx.x);
  if (!place.exists) return;
  const long long in_plane = (long long)s.height * s.width;
  const long long out_plane = (long long)divide_up(s.height, s.stride) * divide_up(s.width, s.stride);
  const long long first = blockIdx.x / blocks * (long long)s.channels + (s.layout == 1 ? 0 : place.channel);
  const int channel = s.layout == 1 ? place.channel : 0;
  const T* const in = input + first * in_plane + channel;
  T* const out = output + first * out_plane + channel;
  // 64-bit multiplications are slow.
  if (s.channels * in_plane <= 0xffffffff) convolve<unsigned>(in, packed + place.channel, out, place, s);
  else convolve<unsigned long long>(in, packed + place.channel, out, place, s);
}

// Folds, adds `centre` (1 with resid, else 0) to the centre tap, and reorders weight [C,K] and bias [C] (or null).
// grid.x = ceil((kernel + 1) * channels / 256), block.x = 256.
extern "C" __global__ void cuda_general_fprop_f32_pack(const T* weight, const T* bias, T centre, T* packed, const Shape s) {
  const long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
  if (i >= (s.kernel + 1LL) * s.channels) return;
  const int first = i / s.channels, channel = i % s.channels;
  if (first == s.kernel) {
    packed[i] = bias ? bias[channel] : T(0);
    return;
  }
  const Taps taps = taps_of(s, channel);
  T sum = 0;
  if (!taps.folds(first)) {
    int k = first;
    do sum += weight[(long long)channel * s.kernel + k] + (k == s.kernel / 2 ? centre : T(0));
    while (++k < s.kernel && taps.folds(k));
  }
  packed[i] = sum;
}
