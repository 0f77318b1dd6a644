// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace fprop_nhwc_f32_6x6_s1_k3x3_c8__cuda_direct_t6_v1_l8_a1_b1_m32_code {
namespace {

// A lane's channels of one pixel.
using Lane = float;

__device__ __forceinline__ Lane load(const Lane* from) { return __ldg(from); }

__device__ __forceinline__ Lane zero() { return 0.0f; }

__device__ __forceinline__ void mad(Lane& sum, Lane value, Lane weight) {
  sum = fmaf(value, weight, sum);
}

__device__ __forceinline__ Lane load_pixel(const Lane* from) { return load(from); }

constexpr int CHANNELS = 8, HEIGHT = 6, WIDTH = 6, STRIDE = 1;
constexpr int OUT_HEIGHT = 6, OUT_WIDTH = 6;
constexpr int PITCH = CHANNELS / 1;  // lanes a pixel
// Lanes of a warp that hold a tile's channels, and tiles of neighbouring lines that a warp computes.
constexpr int LANES = 8, TEAMS = 32 / LANES;
constexpr int ALONG = 1, ACROSS = 1;  // warps of a block along a line and across lines
constexpr int BIAS = 9;  // row of `packed` behind the weights

// What a thread computes: its channels in the arrays, and the tile.
struct Place {
  const Lane *input, *packed;
  Lane* output;
  int block, warp, team;
};

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// square filter: 2x3 outputs; 20 loads and 54 multiply-adds a tile.
__device__ __forceinline__ void line_square(const Place& place) {
  constexpr int TILES = 2, LINES = 3, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  const int along = place.block % BLOCKS_ALONG * ALONG + place.warp % ALONG;
  const int across = (place.block / BLOCKS_ALONG * ACROSS + place.warp / ALONG) * TEAMS + place.team;
  if (along >= TILES || across >= LINES) return;
  Lane w[9];
#pragma unroll
  for (int t = 0; t < 9; ++t) w[t] = load(place.packed + t * PITCH);
  const Lane bias = load(place.packed + BIAS * PITCH);
  const int y = across * 2, x = along * 3;
  const Lane* const in = place.input + (y * STRIDE * WIDTH + x * STRIDE) * PITCH;
  Lane* const out = place.output + (y * OUT_WIDTH + x) * PITCH;
  const bool iy_m1 = y - 1 >= 0;
  const bool ix_m1 = x - 1 >= 0;
  const bool ix_3 = x + 3 < 6;
  const bool iy_2 = y + 2 < 6;
  Lane a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias,
       a5 = bias;
  Lane v;
  v = iy_m1 && ix_m1 ? load_pixel(in + (-1 * WIDTH + -1) * PITCH) : zero();
  mad(a0, v, w[0]);
  v = iy_m1 ? load_pixel(in + (-1 * WIDTH + 0) * PITCH) : zero();
  mad(a1, v, w[0]);  mad(a0, v, w[1]);
  v = iy_m1 ? load_pixel(in + (-1 * WIDTH + 1) * PITCH) : zero();
  mad(a2, v, w[0]);  mad(a1, v, w[1]);  mad(a0, v, w[2]);
  v = iy_m1 ? load_pixel(in + (-1 * WIDTH + 2) * PITCH) : zero();
  mad(a2, v, w[1]);  mad(a1, v, w[2]);
  v = iy_m1 && ix_3 ? load_pixel(in + (-1 * WIDTH + 3) * PITCH) : zero();
  mad(a2, v, w[2]);
  v = ix_m1 ? load_pixel(in + (0 * WIDTH + -1) * PITCH) : zero();
  mad(a3, v, w[0]);  mad(a0, v, w[3]);
  v = load_pixel(in + (0 * WIDTH + 0) * PITCH);
  mad(a4, v, w[0]);  mad(a3, v, w[1]);  mad(a1, v, w[3]);  mad(a0, v, w[4]);
  v = load_pixel(in + (0 * WIDTH + 1) * PITCH);
  mad(a5, v, w[0]);  mad(a4, v, w[1]);  mad(a3, v, w[2]);  mad(a2, v, w[3]);  mad(a1, v, w[4]);
  mad(a0, v, w[5]);
  v = load_pixel(in + (0 * WIDTH + 2) * PITCH);
  mad(a5, v, w[1]);  mad(a4, v, w[2]);  mad(a2, v, w[4]);  mad(a1, v, w[5]);
  v = ix_3 ? load_pixel(in + (0 * WIDTH + 3) * PITCH) : zero();
  mad(a5, v, w[2]);  mad(a2, v, w[5]);
  v = ix_m1 ? load_pixel(in + (1 * WIDTH + -1) * PITCH) : zero();
  mad(a3, v, w[3]);  mad(a0, v, w[6]);
  v = load_pixel(in + (1 * WIDTH + 0) * PITCH);
  mad(a4, v, w[3]);  mad(a3, v, w[4]);  mad(a1, v, w[6]);  mad(a0, v, w[7]);
  v = load_pixel(in + (1 * WIDTH + 1) * PITCH);
  mad(a5, v, w[3]);  mad(a4, v, w[4]);  mad(a3, v, w[5]);  mad(a2, v, w[6]);  mad(a1, v, w[7]);
  mad(a0, v, w[8]);
  v = load_pixel(in + (1 * WIDTH + 2) * PITCH);
  mad(a5, v, w[4]);  mad(a4, v, w[5]);  mad(a2, v, w[7]);  mad(a1, v, w[8]);
  v = ix_3 ? load_pixel(in + (1 * WIDTH + 3) * PITCH) : zero();
  mad(a5, v, w[5]);  mad(a2, v, w[8]);
  v = iy_2 && ix_m1 ? load_pixel(in + (2 * WIDTH + -1) * PITCH) : zero();
  mad(a3, v, w[6]);
  v = iy_2 ? load_pixel(in + (2 * WIDTH + 0) * PITCH) : zero();
  mad(a4, v, w[6]);  mad(a3, v, w[7]);
  v = iy_2 ? load_pixel(in + (2 * WIDTH + 1) * PITCH) : zero();
  mad(a5, v, w[6]);  mad(a4, v, w[7]);  mad(a3, v, w[8]);
  v = iy_2 ? load_pixel(in + (2 * WIDTH + 2) * PITCH) : zero();
  mad(a5, v, w[7]);  mad(a4, v, w[8]);
  v = iy_2 && ix_3 ? load_pixel(in + (2 * WIDTH + 3) * PITCH) : zero();
  mad(a5, v, w[8]);
  out[(0 * OUT_WIDTH + 0) * PITCH] = a0;
  out[(0 * OUT_WIDTH + 1) * PITCH] = a1;
  out[(0 * OUT_WIDTH + 2) * PITCH] = a2;
  out[(1 * OUT_WIDTH + 0) * PITCH] = a3;
  out[(1 * OUT_WIDTH + 1) * PITCH] = a4;
  out[(1 * OUT_WIDTH + 2) * PITCH] = a5;
}

// Chunk i: the channels before TO[i] that no earlier chunk has, of body BODY[i].
__device__ constexpr int TO[] = {8}, BODY[] = {0};

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[1][BIAS + 1] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
};
__device__ constexpr int CENTRE[] = {4};

__device__ __forceinline__ int body_of(int channel) {
  int chunk = 0;
  while (channel >= TO[chunk]) ++chunk;
  return BODY[chunk];
}

// The weights that fall on a tap of a channel, `centre` among them; behind the taps, at BIAS, its bias.
__device__ __forceinline__ float folded(const float* weight, const float* bias, float centre, int channel, int tap) {
  if (tap == BIAS) return bias ? bias[channel] : 0.0f;
  const int body = body_of(channel);
  float sum = tap == CENTRE[body] ? centre : 0.0f;
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 9 + k];
  return sum;
}

// The first channel of each chunk.
__device__ constexpr int FROM[] = {0};

// One value a thread: rows of weights [tap][channel], then one of bias.
__device__ __forceinline__ void pack(const float* weight, const float* bias, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, bias, centre, i % CHANNELS, i / CHANNELS);
}

}  // namespace

// Lanes are channels, so that loads and stores of every direction are whole pieces of pixels. A block is a chunk of
// channels and a few tiles of one image; chunks vary fastest, then tiles, then images.
extern "C" __global__ void __launch_bounds__(32, 32) fprop_nhwc_f32_6x6_s1_k3x3_c8__cuda_direct_t6_v1_l8_a1_b1_m32(
    const float* __restrict__ input, const float* __restrict__ packed, float* __restrict__ output, int) {
  constexpr int CHUNKS = 1, BLOCKS = 2;
  const int chunk = blockIdx.x % CHUNKS, block = blockIdx.x / CHUNKS % BLOCKS, image = blockIdx.x / (CHUNKS * BLOCKS);
  const int warp = threadIdx.x / 32, team = threadIdx.x % 32 / LANES;
  const int channel = FROM[chunk] / 1 + threadIdx.x % LANES;
  if (channel * 1 >= TO[chunk]) return;
  const Place place{
      reinterpret_cast<const Lane*>(input) + image * (long long)(HEIGHT * WIDTH) * PITCH + channel,
      reinterpret_cast<const Lane*>(packed) + channel,
      reinterpret_cast<Lane*>(output) + image * (long long)(OUT_HEIGHT * OUT_WIDTH) * PITCH + channel,
      block,
      warp,
      team,
  };
  switch (BODY[chunk]) {
    case 0: return line_square(place);
  }
}

extern "C" __global__ void fprop_nhwc_f32_6x6_s1_k3x3_c8__cuda_direct_t6_v1_l8_a1_b1_m32_pack(const float* weight, const float* bias, float centre, float* packed) {
  pack(weight, bias, centre, packed);
}

}  // namespace fprop_nhwc_f32_6x6_s1_k3x3_c8__cuda_direct_t6_v1_l8_a1_b1_m32_code
