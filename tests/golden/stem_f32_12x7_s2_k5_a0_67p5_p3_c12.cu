// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace stem_f32_12x7_s2_k5_a0_67p5_p3_c12_code {
namespace {

constexpr int PLANES = 3, CHANNELS = 12, KERNEL = 5, HEIGHT = 12, WIDTH = 7, STRIDE = 2;
constexpr int OUT_HEIGHT = 6, OUT_WIDTH = 4;
constexpr int REGION_HEIGHT = 6, REGION_WIDTH = 4, DOWN = 1, ACROSS = 1;
// Pixels that a region reads, from (TOP, LEFT) relative to the input of its first output; BEFORE lie before them.
constexpr int ROWS = 13, PITCH = 11, TOP = -1, LEFT = -2, BEFORE = 0;
constexpr int THREADS = 256, VECTOR = 2, LANES = 4, TEAMS = 32 / LANES;  // LANES lanes have a tile
constexpr int WARPS = THREADS / 32;

// Chunk i: the channels [FROM[i], TO[i]) of body BODY[i], whose tiles a warp takes TEAMS at a time: the units [UNIT[i], UNIT[i + 1]).
constexpr int UNITS = 2;
__device__ constexpr int BODY[] = {0, 1}, FROM[] = {0, 6}, TO[] = {6, 12};
__device__ constexpr int UNIT[] = {0, 1, 2};

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// A lane's channels of one pixel.
using Lane = float2;

__device__ __forceinline__ Lane load(const Lane* from) { return __ldg(from); }

__device__ __forceinline__ Lane zero() { return make_float2(0.0f, 0.0f); }

__device__ __forceinline__ void mad(Lane& sum, Lane value, Lane weight) {
  sum.x = fmaf(value.x, weight.x, sum.x);
  sum.y = fmaf(value.y, weight.y, sum.y);
}

__device__ __forceinline__ void add(Lane& sum, Lane value) {
  sum.x += value.x;
  sum.y += value.y;
}

// The planes of a pixel, zeros, and at last 1 if it is inside of the image, else 0.
using Pixel = float4;

// The pointwise convolution of a lane's channels.
struct Pointwise {
  Lane planes[PLANES], bias;
};

// What it makes of a pixel: nothing of one outside.
__device__ __forceinline__ Lane made(Pixel pixel, const Pointwise& point) {
  Lane value;
  value.x = point.bias.x * pixel.w;
  value.y = point.bias.y * pixel.w;
  value.x = fmaf(point.planes[0].x, pixel.x, value.x);
  value.y = fmaf(point.planes[0].y, pixel.x, value.y);
  value.x = fmaf(point.planes[1].x, pixel.y, value.x);
  value.y = fmaf(point.planes[1].y, pixel.y, value.y);
  value.x = fmaf(point.planes[2].x, pixel.z, value.x);
  value.y = fmaf(point.planes[2].y, pixel.z, value.y);
  return value;
}

// What a lane works on.
struct Place {
  const Pixel* pixels;
  const float* weight;  // of its first channel
  const float* bias;
  float* output;        // the region's first, in its first channel
  int rows, columns;    // outputs of the region
  int tile;
};

// Row `at` of the weights, of a lane's channels.
__device__ __forceinline__ Lane weights(const Place& place, int at) {
  return load(reinterpret_cast<const Lane*>(place.weight + at * CHANNELS));
}

__device__ __forceinline__ Pointwise pointwise(const Place& place) {
  Pointwise point;
#pragma unroll
  for (int p = 0; p < PLANES; ++p) point.planes[p] = weights(place, KERNEL + p);
  point.bias = load(reinterpret_cast<const Lane*>(place.bias + CHANNELS));
  return point;
}

// 0 degrees: 14 outputs along a line; 11 loads and 20 multiply-adds a tile.
__device__ __forceinline__ void line_0(const Place& place) {
  constexpr int TILES_ALONG = 1, TILES_ACROSS = 6, TAPS = 5;
  constexpr short FIRST[] = {0, 1, 2, 3, 4, 5};  // weight k folds on tap t for FIRST[t] <= k < FIRST[t + 1]
  if (place.tile >= TILES_ALONG * TILES_ACROSS) return;
  Lane w[TAPS];
#pragma unroll
  for (int t = 0; t < TAPS; ++t) {
    w[t] = weights(place, FIRST[t]);
#pragma unroll
    for (int k = FIRST[t] + 1; k < FIRST[t + 1]; ++k) add(w[t], weights(place, k));
  }
  const int along = place.tile / TILES_ACROSS, across = place.tile % TILES_ACROSS;
  const int y = across, x = along * 14;
  const Pixel* const in = place.pixels + y * STRIDE * PITCH + x * STRIDE;
  float* const out = place.output + (y * OUT_WIDTH + x) * CHANNELS;
  const Pointwise point = pointwise(place);  // not before the weights: registers are dear
  const Lane bias = load(reinterpret_cast<const Lane*>(place.bias));
  Lane a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias,
         a5 = bias, a6 = bias, a7 = bias, a8 = bias, a9 = bias,
         a10 = bias, a11 = bias, a12 = bias, a13 = bias;
  Lane v;
  v = made(in[1 * PITCH + 0], point);
  mad(a0, v, w[0]);
  v = made(in[1 * PITCH + 1], point);
  mad(a0, v, w[1]);
  v = made(in[1 * PITCH + 2], point);
  mad(a1, v, w[0]);  mad(a0, v, w[2]);
  v = made(in[1 * PITCH + 3], point);
  mad(a1, v, w[1]);  mad(a0, v, w[3]);
  v = made(in[1 * PITCH + 4], point);
  mad(a2, v, w[0]);  mad(a1, v, w[2]);  mad(a0, v, w[4]);
  v = made(in[1 * PITCH + 5], point);
  mad(a2, v, w[1]);  mad(a1, v, w[3]);
  v = made(in[1 * PITCH + 6], point);
  mad(a3, v, w[0]);  mad(a2, v, w[2]);  mad(a1, v, w[4]);
  v = made(in[1 * PITCH + 7], point);
  mad(a3, v, w[1]);  mad(a2, v, w[3]);
  v = made(in[1 * PITCH + 8], point);
  mad(a3, v, w[2]);  mad(a2, v, w[4]);
  v = made(in[1 * PITCH + 9], point);
  mad(a3, v, w[3]);
  v = made(in[1 * PITCH + 10], point);
  mad(a3, v, w[4]);
  const bool x_4 = inside(x + 4, place.columns);
  const bool x_5 = inside(x + 5, place.columns);
  const bool x_6 = inside(x + 6, place.columns);
  const bool x_7 = inside(x + 7, place.columns);
  const bool x_8 = inside(x + 8, place.columns);
  const bool x_9 = inside(x + 9, place.columns);
  const bool x_10 = inside(x + 10, place.columns);
  const bool x_11 = inside(x + 11, place.columns);
  const bool x_12 = inside(x + 12, place.columns);
  const bool x_13 = inside(x + 13, place.columns);
  const auto put = [=](int dy, int dx, Lane value) {
    // The map is larger than the caches: nobody finds it there.
    __stcs(reinterpret_cast<Lane*>(out + (dy * OUT_WIDTH + dx) * CHANNELS), value);
  };
  put(0, 0, a0);
  put(0, 1, a1);
  put(0, 2, a2);
  put(0, 3, a3);
  if (x_4) put(0, 4, a4);
  if (x_5) put(0, 5, a5);
  if (x_6) put(0, 6, a6);
  if (x_7) put(0, 7, a7);
  if (x_8) put(0, 8, a8);
  if (x_9) put(0, 9, a9);
  if (x_10) put(0, 10, a10);
  if (x_11) put(0, 11, a11);
  if (x_12) put(0, 12, a12);
  if (x_13) put(0, 13, a13);
}

// 67.5 degrees: 14 outputs along a line; 13 loads and 18 multiply-adds a tile.
__device__ __forceinline__ void line_67p5(const Place& place) {
  constexpr int TILES_ALONG = 1, TILES_ACROSS = 4, TAPS = 3;
  constexpr short FIRST[] = {0, 1, 4, 5};  // weight k folds on tap t for FIRST[t] <= k < FIRST[t + 1]
  if (place.tile >= TILES_ALONG * TILES_ACROSS) return;
  Lane w[TAPS];
#pragma unroll
  for (int t = 0; t < TAPS; ++t) {
    w[t] = weights(place, FIRST[t]);
#pragma unroll
    for (int k = FIRST[t] + 1; k < FIRST[t + 1]; ++k) add(w[t], weights(place, k));
  }
  const int along = place.tile / TILES_ACROSS, across = place.tile % TILES_ACROSS;
  const int y = along * 14, x = across;
  const Pixel* const in = place.pixels + y * STRIDE * PITCH + x * STRIDE;
  float* const out = place.output + (y * OUT_WIDTH + x) * CHANNELS;
  const Pointwise point = pointwise(place);  // not before the weights: registers are dear
  const Lane bias = load(reinterpret_cast<const Lane*>(place.bias));
  Lane a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias,
         a5 = bias, a6 = bias, a7 = bias, a8 = bias, a9 = bias,
         a10 = bias, a11 = bias, a12 = bias, a13 = bias;
  Lane v;
  v = made(in[0 * PITCH + 2], point);
  mad(a0, v, w[2]);
  v = made(in[1 * PITCH + 2], point);
  mad(a0, v, w[1]);
  v = made(in[2 * PITCH + 2], point);
  mad(a0, v, w[0]);  mad(a1, v, w[2]);
  v = made(in[3 * PITCH + 2], point);
  mad(a1, v, w[1]);
  v = made(in[4 * PITCH + 2], point);
  mad(a1, v, w[0]);  mad(a2, v, w[2]);
  v = made(in[5 * PITCH + 2], point);
  mad(a2, v, w[1]);
  v = made(in[6 * PITCH + 2], point);
  mad(a2, v, w[0]);  mad(a3, v, w[2]);
  v = made(in[7 * PITCH + 2], point);
  mad(a3, v, w[1]);
  v = made(in[8 * PITCH + 2], point);
  mad(a3, v, w[0]);  mad(a4, v, w[2]);
  v = made(in[9 * PITCH + 2], point);
  mad(a4, v, w[1]);
  v = made(in[10 * PITCH + 2], point);
  mad(a4, v, w[0]);  mad(a5, v, w[2]);
  v = made(in[11 * PITCH + 2], point);
  mad(a5, v, w[1]);
  v = made(in[12 * PITCH + 2], point);
  mad(a5, v, w[0]);
  const bool y_6 = inside(y + 6, place.rows);
  const bool y_7 = inside(y + 7, place.rows);
  const bool y_8 = inside(y + 8, place.rows);
  const bool y_9 = inside(y + 9, place.rows);
  const bool y_10 = inside(y + 10, place.rows);
  const bool y_11 = inside(y + 11, place.rows);
  const bool y_12 = inside(y + 12, place.rows);
  const bool y_13 = inside(y + 13, place.rows);
  const auto put = [=](int dy, int dx, Lane value) {
    // The map is larger than the caches: nobody finds it there.
    __stcs(reinterpret_cast<Lane*>(out + (dy * OUT_WIDTH + dx) * CHANNELS), value);
  };
  put(0, 0, a0);
  put(1, 0, a1);
  put(2, 0, a2);
  put(3, 0, a3);
  put(4, 0, a4);
  put(5, 0, a5);
  if (y_6) put(6, 0, a6);
  if (y_7) put(7, 0, a7);
  if (y_8) put(8, 0, a8);
  if (y_9) put(9, 0, a9);
  if (y_10) put(10, 0, a10);
  if (y_11) put(11, 0, a11);
  if (y_12) put(12, 0, a12);
  if (y_13) put(13, 0, a13);
}

// Lays the pixels that a region reads in shared memory.
__device__ __forceinline__ void stage(const float* __restrict__ image, int top, int left, Pixel* pixels) {
#pragma unroll 4
  for (int i = threadIdx.x; i < ROWS * PITCH; i += THREADS) {
    const int row = top + i / PITCH, column = left + i % PITCH;
    Pixel pixel = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    if (inside(row, HEIGHT) && inside(column, WIDTH)) {
      const float* const from = image + row * WIDTH + column;
      pixel.x = __ldg(from + 0 * HEIGHT * WIDTH);
      pixel.y = __ldg(from + 1 * HEIGHT * WIDTH);
      pixel.z = __ldg(from + 2 * HEIGHT * WIDTH);
      pixel.w = 1.0f;
    }
    pixels[i] = pixel;
  }
}

}  // namespace

// A block has a region of an image's outputs in all channels, or shares it with neighbours. Regions vary faster than images. Warps
// take the units in turn, so that those of a multiprocessor run the code of one or two bodies at a time: of all bodies at once it
// would not fit into the caches of instructions.
extern "C" __global__ void __launch_bounds__(256, 2) stem_f32_12x7_s2_k5_a0_67p5_p3_c12(
    const float* __restrict__ input, const float* __restrict__ weight, const float* __restrict__ bias,
    float* __restrict__ output, int count) {
  extern __shared__ __align__(128) unsigned char shared[];
  Pixel* const pixels = reinterpret_cast<Pixel*>(shared) + BEFORE;
  const int sharers = gridDim.x / (DOWN * ACROSS) / count, region = blockIdx.x / sharers;
  const int y = region / ACROSS % DOWN * REGION_HEIGHT, x = region % ACROSS * REGION_WIDTH;
  const long long image = region / (DOWN * ACROSS);
  stage(input + image * (PLANES * HEIGHT * WIDTH), y * STRIDE + TOP, x * STRIDE + LEFT, pixels);
  __syncthreads();
  float* const out = output + ((image * OUT_HEIGHT + y) * OUT_WIDTH + x) * CHANNELS;
  const int team = threadIdx.x % 32 / LANES, lane = threadIdx.x % LANES;
  const int warp = __shfl_sync(~0u, threadIdx.x / 32, 0);  // the compiler sees then that lanes agree on it
  int chunk = 0;
#pragma unroll 1
  for (int unit = blockIdx.x % sharers * WARPS + warp; unit < UNITS; unit += sharers * WARPS) {
    while (unit >= UNIT[chunk + 1]) ++chunk;
    const int channel = FROM[chunk] + lane * VECTOR;
    if (channel >= TO[chunk]) continue;
    const Place place{
        pixels,
        weight + channel,
        bias + channel,
        out + channel,
        OUT_HEIGHT % REGION_HEIGHT == 0 ? REGION_HEIGHT : min(REGION_HEIGHT, OUT_HEIGHT - y),
        OUT_WIDTH % REGION_WIDTH == 0 ? REGION_WIDTH : min(REGION_WIDTH, OUT_WIDTH - x),
        (unit - UNIT[chunk]) * TEAMS + team,
    };
    switch (BODY[chunk]) {
      case 0: line_0(place); break;
      case 1: line_67p5(place); break;
    }
  }
}

}  // namespace stem_f32_12x7_s2_k5_a0_67p5_p3_c12_code
