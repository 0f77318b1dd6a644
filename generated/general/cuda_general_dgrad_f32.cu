// Oriented depthwise convolution, gradient of its input, float32: any size, stride, kernel length and angle, NCHW and NHWC.
// Do not edit: written by `oriented1d library refresh` from templates/cuda/general_dgrad.cu.hbs.
//
// It is the transpose of the forward convolution: the input is dy, of ceil(height / stride) x ceil(width / stride), the
// output dx, of height x width, and dx[y, x] sums the taps k over dy[(y - dy_k) / stride, (x - dx_k) / stride], where
// both divide. A thread computes up to 4 outputs of a channel, one `stride` rows below the other, so that a tap
// serves all of them or none. Threads that are neighbours in memory compute columns `stride` apart, too (NCHW), or
// channels (NHWC), so that a warp's loads lie side by side and it leaves out the same taps.
//   launch   grid.x = batch * ceil(channels * columns * bands / 256), block.x = 256, where
//            columns = min(stride, width) * ceil(width / stride),
//            bands = min(stride, height) * ceil(ceil(height / stride) / 4)
//   packed   (kernel + 1) * channels floats: weights [K][C], each pixel's sum at its first tap, then what
//            cuda_general_dgrad_f32_pack writes for a bias, which is not read
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

// What a thread computes: of the outputs y, y + stride, .. of column x the first `rows`, at most ROWS.
struct Place {
  int channel;
  unsigned y, x, rows;
  bool exists;
};

// Along one axis, of `size` pixels: the `item`th one where those of equal remainder by the stride come one after the
// other, `count` at a time. There may be none.
struct Axis {
  unsigned size, stride;

  __device__ unsigned remainders() const { return stride < size ? stride : size; }
  __device__ unsigned count() const { return divide_up(size, stride); }
  // How many pixels have this remainder.
  __device__ unsigned count(unsigned remainder) const { return divide_up(size - remainder, stride); }
};

// The `item`th place of an image.
__device__ __forceinline__ Place place_of(const Shape& s, unsigned long long item) {
  const Axis vertical{unsigned(s.height), unsigned(s.stride)}, horizontal{unsigned(s.width), unsigned(s.stride)};
  const unsigned bands = divide_up(vertical.count(), ROWS), each = horizontal.count();
  const unsigned long long lines = (unsigned long long)vertical.remainders() * bands;
  const unsigned long long columns = (unsigned long long)horizontal.remainders() * each;
  const bool nhwc = s.layout == 1;
  const unsigned long long pixel = nhwc ? item / s.channels : item, line = pixel / columns;
  const unsigned long long channel = nhwc ? item % s.channels : line / lines;
  if (nhwc ? line >= lines : channel >= s.channels) return {};
  const unsigned top = line % bands * ROWS, above = line % lines / bands;  // the first row of a remainder, and that
  const unsigned left = pixel % columns % each, before = pixel % columns / each;
  if (top >= vertical.count(above) || left >= horizontal.count(before)) return {};
  const unsigned rows = vertical.count(above) - top;
  return {int(channel), top * vertical.stride + above, left * horizontal.stride + before,
          rows < ROWS ? rows : unsigned(ROWS), true};
}

// Whether `at` - `offset` is a multiple of the stride, and the multiple; one before the plane wraps to far behind it.
__device__ __forceinline__ bool divides(unsigned at, int offset, unsigned stride, unsigned& multiple) {
  const bool before = int(at) < offset;
  const unsigned distance = before ? offset - at : at - offset, steps = distance / stride;
  multiple = before ? 0 - steps : steps;
  return steps * stride == distance;
}

// `in` and `out` are the first pixels of the place's channel, `weight` its first weight. An Offset counts floats from them.
template <class Offset>
__device__ __forceinline__ void convolve(const T* in, const T* weight, T* out, const Place& place, const Shape& s) {
  const unsigned height = divide_up(s.height, s.stride), width = divide_up(s.width, s.stride);
  const Offset pixel = s.layout == 1 ? s.channels : 1;  // from one pixel to the next
  const Taps taps = taps_of(s, place.channel);
  T sum[ROWS] = {};
  for (int k = 0; k < s.kernel; ++k, weight += s.channels) {
    unsigned p, q;
    if (!divides(place.x, taps.dx[k], s.stride, q) || q >= width) continue;
    if (!divides(place.y, taps.dy[k], s.stride, p) || taps.folds(k)) continue;
    const T w = __ldg(weight);
    T value[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
      const unsigned below = p + r;
      value[r] = below < height ? __ldg(in + (below * (pixel * width) + q * pixel)) : T(0);
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) sum[r] = fmaf(w, value[r], sum[r]);
  }
#pragma unroll
  for (int r = 0; r < ROWS; ++r)
    if (r < place.rows) out[(place.y + r * unsigned(s.stride)) * (pixel * s.width) + place.x * pixel] = sum[r];
}

// Launched as above.
extern "C" __global__ void __launch_bounds__(256) cuda_general_dgrad_f32(
    const T* __restrict__ input, const T* __restrict__ packed, T* __restrict__ output, int batch, const Shape s) {
  const unsigned blocks = gridDim.x / batch;
  const Place place = place_of(s, blockIdx.x % blocks * (unsigned long long)256 + threadIdx.x);
  if (!place.exists) return;
  const long long in_plane = (long long)divide_up(s.height, s.stride) * divide_up(s.width, s.stride);
  const long long out_plane = (long long)s.height * s.width;
  const long long first = blockIdx.x / blocks * (long long)s.channels + (s.layout == 1 ? 0 : place.channel);
  const int channel = s.layout == 1 ? place.channel : 0;
  const T* const in = input + first * in_plane + channel;
  T* const out = output + first * out_plane + channel;
  // 64-bit multiplications are slow.
  if (s.channels * out_plane <= 0xffffffff) convolve<unsigned>(in, packed + place.channel, out, place, s);
  else convolve<unsigned long long>(in, packed + place.channel, out, place, s);
}

// Folds, adds `centre` (1 with resid, else 0) to the centre tap, and reorders weight [C,K] and bias [C] (or null).
// grid.x = ceil((kernel + 1) * channels / 256), block.x = 256.
extern "C" __global__ void cuda_general_dgrad_f32_pack(const T* weight, const T* bias, T centre, T* packed, const Shape s) {
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
