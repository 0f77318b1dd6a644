// Oriented depthwise convolution, gradients of its weights and bias, float32: any size, stride, kernel length and angle,
// NCHW and NHWC. Do not edit: written by `oriented1d library refresh` from templates/cuda/general_wgrad.cu.hbs.
//
//   dw[ch, k] = sum over n, p, q of dy[n, ch, p, q] * x[n, ch, p * stride + dy_k, q * stride + dx_k]    db[ch] = sum of dy
//
// A thread has the sums of 8 taps of a channel in registers and walks over pixels of dy. A warp's threads have
// different channels (NHWC), or pixels of one channel (NCHW), so that its loads lie side by side. Of a block's 8 warps, as
// many as there are taps for have taps of their own; each tap's pixels are split over the others. So a block has the sums of
// a set of taps, of a chunk of channels, over a band of pixels of some images: one row of partial sums. The last block
// of a set and a chunk adds its rows in order.
//   launch   grid.x = groups * bands * chunks * sets, block.x = 256, where a block has ceil(batch / groups) images,
//            bands = ceil(outHeight * outWidth / (NHWC: 1024, NCHW: 16384)),
//            chunks = NHWC: ceil(channels / 32), NCHW: channels,
//            sets = ceil(kernel / (8 * warps with taps of their own: the power of two that serves all, up to 8))
//   partial  counters [chunks][sets], which are zero before the launch and after it,
//            then groups * bands rows [K + 1][C]: dw, each pixel's sum at its first tap, then db
//   arrays   all in device memory; images and batches of any size; `packed` and `input_grad` are not used

using T = float;

constexpr int TAPS = 8, WARPS = 8, WARP = 32;
constexpr int BIAS = TAPS;  // behind a thread's taps

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

__device__ __forceinline__ unsigned out_height(const Shape& s) { return divide_up(s.height, s.stride); }
__device__ __forceinline__ unsigned out_width(const Shape& s) { return divide_up(s.width, s.stride); }

// What is one block's: `slots` warps that have taps of their own, the taps [first_tap, first_tap + slots * TAPS), channels
// [first_channel, first_channel + channels), a band of `images` images, the row of partial sums that it writes, and the counter.
struct Share {
  unsigned slots, first_tap, first_channel, channels, band, bands, first_image, images, row, rows, counter, counters;
};

__device__ __forceinline__ Share share_of(const Shape& s, unsigned batch) {
  Share share{};
  const bool nhwc = s.layout == 1;
  const unsigned needed = divide_up(s.kernel, TAPS);
  share.slots = 1;
  while (share.slots < WARPS && share.slots < needed) share.slots *= 2;
  const unsigned sets = divide_up(needed, share.slots), width = nhwc ? WARP : 1, chunks = divide_up(s.channels, width);
  share.first_tap = blockIdx.x % sets * share.slots * TAPS;
  share.first_channel = blockIdx.x / sets % chunks * width;
  share.channels = s.channels - share.first_channel < width ? s.channels - share.first_channel : width;
  share.counters = sets * chunks;
  share.counter = blockIdx.x % share.counters;
  share.row = blockIdx.x / share.counters;
  share.rows = gridDim.x / share.counters;
  const unsigned long long pixels = (unsigned long long)out_height(s) * out_width(s);
  share.bands = (pixels - 1) / (nhwc ? 1024 : 16384) + 1;
  share.band = share.row % share.bands;
  share.images = divide_up(batch, share.rows / share.bands);
  // A last group may have fewer, or none.
  const unsigned long long first = share.row / share.bands * (unsigned long long)share.images;
  share.first_image = first < batch ? first : batch;
  if (batch - share.first_image < share.images) share.images = batch - share.first_image;
  return share;
}

// The pixels of dy that a thread walks over in an image: (p, q) is the first, each next one is `down` rows and `right` columns
// further, across the end of a row where it has to.
struct Pixels {
  unsigned p, q, down, right, count;
};

__device__ __forceinline__ Pixels pixels_of(const Shape& s, const Share& share) {
  const unsigned warps = WARPS / share.slots, warp = threadIdx.x / WARP / share.slots, lane = threadIdx.x % WARP;
  const bool nhwc = s.layout == 1;
  const unsigned step = nhwc ? warps : warps * WARP, width = out_width(s);
  const unsigned long long all = (unsigned long long)out_height(s) * width, each = (all - 1) / share.bands + 1;
  const unsigned long long begin = share.band * each + (nhwc ? warp : warp * WARP + lane);
  const unsigned long long end = (share.band + 1) * each < all ? (share.band + 1) * each : all;
  const bool none = begin >= end || (nhwc && lane >= share.channels);
  return {unsigned(begin / width), unsigned(begin % width), step / width, step % width,
          none ? 0 : divide_up(end - begin, step)};
}

// A thread's taps; those that do not exist, or fold on another, lie below any plane.
struct OwnTaps {
  int dy[TAPS], dx[TAPS];
};

__device__ __forceinline__ OwnTaps own_taps(const Shape& s, const Taps& taps, int first) {
  OwnTaps own;
#pragma unroll
  for (int t = 0; t < TAPS; ++t) {
    const int k = first + t;
    const bool exists = k < s.kernel && !taps.folds(k);
    own.dy[t] = exists ? taps.dy[k] : int(0x80000000);
    own.dx[t] = exists ? taps.dx[k] : 0;
  }
  return own;
}

// Adds an image's products. `in` and `grad` are the first pixels of the thread's channel; an Offset counts floats from them.
template <class Offset>
__device__ __forceinline__ void add_image(const T* in, const T* grad, const OwnTaps& taps, const Pixels& pixels,
                                          const Shape& s, T (&sum)[TAPS + 1]) {
  const unsigned height = s.height, width = s.width, across = out_width(s);
  const Offset pixel = s.layout == 1 ? s.channels : 1;  // from one pixel to the next
  Offset ahead[TAPS];
#pragma unroll
  for (int t = 0; t < TAPS; ++t) ahead[t] = (Offset(taps.dy[t]) * width + Offset(taps.dx[t])) * pixel;
  unsigned p = pixels.p, q = pixels.q;
#pragma unroll 1
  for (unsigned i = 0; i < pixels.count; ++i) {
    const T value = __ldg(grad + (p * (pixel * across) + q * pixel));
    const unsigned y = p * s.stride, x = q * s.stride;
    const Offset at = y * (pixel * width) + x * pixel;
    T read[TAPS];
#pragma unroll
    for (int t = 0; t < TAPS; ++t) {
      // Unsigned, so that what lies before the plane wraps to far behind it.
      const bool inside = y + taps.dy[t] < height && x + taps.dx[t] < width;
      read[t] = inside ? __ldg(in + Offset(at + ahead[t])) : T(0);
    }
#pragma unroll
    for (int t = 0; t < TAPS; ++t) sum[t] = fmaf(value, read[t], sum[t]);
    sum[BIAS] += value;
    q += pixels.right;
    p += pixels.down + (q >= across);
    if (q >= across) q -= across;
  }
}

__device__ __forceinline__ void add_images(const T* input, const T* grad, const Shape& s, const Share& share,
                                           T (&sum)[TAPS + 1]) {
  const bool nhwc = s.layout == 1;
  const unsigned lane = threadIdx.x % WARP, slot = threadIdx.x / WARP % share.slots;
  // Lanes without a channel have no pixels, either.
  const unsigned channel = share.first_channel + (nhwc && lane < share.channels ? lane : 0);
  const OwnTaps taps = own_taps(s, taps_of(s, channel), share.first_tap + slot * TAPS);
  const Pixels pixels = pixels_of(s, share);
  const long long in_plane = (long long)s.height * s.width, plane = (long long)out_height(s) * out_width(s);
#pragma unroll 1
  for (unsigned i = 0; i < share.images; ++i) {
    const long long image = (share.first_image + i) * (long long)s.channels;
    const T* const in = input + (nhwc ? image * in_plane + channel : (image + channel) * in_plane);
    const T* const from = grad + (nhwc ? image * plane + channel : (image + channel) * plane);
    // 64-bit multiplications are slow.
    if (s.channels * in_plane <= 0xffffffff) add_image<unsigned>(in, from, taps, pixels, s, sum);
    else add_image<unsigned long long>(in, from, taps, pixels, s, sum);
  }
}

// Calls f(tap, k, channel) for a thread's share of the block's sums: the tap counts from the block's first, the bias comes
// behind them all, as tap `slots` * TAPS and k = kernel.
template <class F>
__device__ __forceinline__ void each_sum(const Shape& s, const Share& share, F f) {
  const unsigned taps = share.slots * TAPS, sums = (taps + (share.first_tap == 0)) * share.channels;
  for (unsigned i = threadIdx.x; i < sums; i += WARPS * WARP) {
    const unsigned tap = i / share.channels, k = tap < taps ? share.first_tap + tap : s.kernel;
    if (tap == taps || k < s.kernel) f(tap, k, i % share.channels);
  }
}

// Adds the rows of the block's sums in order, and writes them.
__device__ __forceinline__ void reduce(const T* rows, const Shape& s, const Share& share, T* weight_grad, T* bias_grad) {
  const long long row = (s.kernel + 1LL) * s.channels;
  each_sum(s, share, [&](unsigned, int k, unsigned lane) {
    const unsigned channel = share.first_channel + lane;
    const Taps taps = taps_of(s, channel);
    if (k < s.kernel && taps.folds(k)) return;
    const T* from = rows + (long long)k * s.channels + channel;
    double sum = 0;
#pragma unroll 8
    for (unsigned i = 0; i < share.rows; ++i) sum += __ldcg(from + i * row);  // other blocks' are not in the first cache
    if (k == s.kernel) {
      bias_grad[channel] = T(sum);
      return;
    }
    do weight_grad[(long long)channel * s.kernel + k] = T(sum);
    while (++k < s.kernel && taps.folds(k));
  });
}

// Launched as above.
extern "C" __global__ void __launch_bounds__(256, 3) cuda_general_wgrad_f32(
    const T* __restrict__ input, const T* __restrict__ grad, const T*, T*, T* weight_grad, T* bias_grad, T* partial,
    int batch, const Shape s) {
  __shared__ T sums[WARPS][TAPS + 1][WARP + 1];  // an odd pitch, for threads that add up a warp's lanes
  __shared__ bool last;
  const Share share = share_of(s, batch);
  T sum[TAPS + 1] = {};
  add_images(input, grad, s, share, sum);
#pragma unroll
  for (int t = 0; t <= TAPS; ++t) sums[threadIdx.x / WARP][t][threadIdx.x % WARP] = sum[t];
  __syncthreads();
  if (s.layout == 0) {
    if (threadIdx.x < WARPS * (TAPS + 1)) {
      T(&lanes)[WARP + 1] = sums[threadIdx.x / (TAPS + 1)][threadIdx.x % (TAPS + 1)];
      for (int lane = 1; lane < WARP; ++lane) lanes[0] += lanes[lane];
    }
    __syncthreads();
  }
  T* const rows = partial + share.counters;
  T* const own = rows + share.row * ((s.kernel + 1LL) * s.channels) + share.first_channel;
  each_sum(s, share, [&](unsigned tap, int k, unsigned lane) {
    const bool bias = k == s.kernel;
    T all = 0;
    for (unsigned warp = bias ? 0 : tap / TAPS; warp < WARPS; warp += share.slots)
      all += sums[warp][bias ? BIAS : tap % TAPS][lane];
    own[(long long)k * s.channels + lane] = all;
  });
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    unsigned* const counter = reinterpret_cast<unsigned*>(partial) + share.counter;
    last = atomicAdd(counter, 1u) == share.rows - 1;
    if (last) *counter = 0;
    __threadfence();
  }
  __syncthreads();
  if (last) reduce(rows, s, share, weight_grad, bias_grad);
}
