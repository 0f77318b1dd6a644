// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace dgrad_nhwc_f32_5x4_s2_k5_a22p5_c5__cuda_direct_grad_t2_v1_l8_a1_b1_s1_i1_m32_w0_o0_code {
namespace {

// A lane's channels of one pixel.
using Lane = float;

__device__ __forceinline__ Lane load(const Lane* from) { return __ldg(from); }

__device__ __forceinline__ Lane zero() { return 0.0f; }

__device__ __forceinline__ void mad(Lane& sum, Lane value, Lane weight) {
  sum = fmaf(value, weight, sum);
}

constexpr int CHANNELS = 5, HEIGHT = 5, WIDTH = 4, STRIDE = 2;
constexpr int GRAD_HEIGHT = 3, GRAD_WIDTH = 2;  // of dy
constexpr int PITCH = CHANNELS / 1;  // lanes a pixel
// Lanes of a warp that hold a tile's channels, and tiles of neighbouring lines that a warp computes.
constexpr int LANES = 8, TEAMS = 32 / LANES;
constexpr int THREADS = 32, ALONG = 1, ACROSS = 1;  // warps along a line and across lines
constexpr int IMAGES = 1;  // images a block
constexpr int CHUNKS = 1, BLOCKS = 1;  // chunks of channels, and blocks of a chunk and IMAGES images
constexpr int BIAS = 3;  // the place behind a channel's taps

// What a thread computes: its channels of the images [first, end), and of each the tiles of a piece.
struct Place {
  const Lane* grad;
  const Lane* packed;
  Lane* output;
  int channel, first, end, piece, warp, team, lane;
};

// The compiler does not know what this leaves of a value. Else it would compute tests of all tiles of a loop before it, and
// find no registers to keep them in.
__device__ __forceinline__ void opaque(int& value) { asm volatile("" : "+r"(value)); }

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// Channels [from, to) of one body.
struct Range {
  int from, to, body;
};

// Comparisons with numbers in the text: a block that had to look its body up in memory would start later.
__device__ __forceinline__ Range range_of(int channel) {
  return {0, 5, 0};
}

__device__ __forceinline__ int body_of(int channel) { return range_of(channel).body; }

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[1][BIAS + 1] = {
    {0, 1, 4, 5},
};
__device__ constexpr int CENTRE[] = {1};

// The weights that fall on a tap of a channel, `centre` among them; at BIAS, behind the taps, nothing.
__device__ __forceinline__ float folded(const float* weight, float centre, int channel, int tap) {
  if (tap == BIAS) return 0.0f;
  const int body = body_of(channel);
  float sum = tap == CENTRE[body] ? centre : 0.0f;
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 5 + k];
  return sum;
}

// A chunk's channels [from, to) and its body; of neighbours with the same body, the first chunk and how many they are.
struct Chunk {
  int from, to, body, run, count;
};

__device__ __forceinline__ Chunk chunk_of(int chunk) {
  constexpr int WIDTH = LANES * 1;
  return {0 + (chunk - 0) * WIDTH, min(0 + (chunk - 0 + 1) * WIDTH, 5), 0, 0, 1};
}

// Blocks that a chunk of a body has for a group of images.
__device__ __forceinline__ int pieces_of(int body) {
  return 1;
}

// One value a thread: rows of weights [tap][channel], then one of zeros.
__device__ __forceinline__ void pack(const float* weight, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, centre, i % CHANNELS, i / CHANNELS);
}

// 22.5 degrees: 2 pixels along a line from (0, 0); 2 loads and 2 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_22p5_0(const Place& place, int image, const Lane (&w)[BIAS]) {
  constexpr int TILES = 1, LINES = 3, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 2;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE) * WIDTH + x * STRIDE) * PITCH + place.channel;
    Lane* const out = place.output + own;
    const Lane* const around = place.grad + image * (long long)(GRAD_HEIGHT * GRAD_WIDTH * PITCH) +
                               (y * GRAD_WIDTH + x) * PITCH + place.channel;
    Lane a0 = zero();
    Lane a1 = zero();
    Lane v;
    v = load(around + (0 * GRAD_WIDTH + 0) * PITCH);
    mad(a0, v, w[1]);
    v = load(around + (0 * GRAD_WIDTH + 1) * PITCH);
    mad(a1, v, w[1]);
    out[(0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH] = a0;
    out[(0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH] = a1;
  }
}

// 22.5 degrees: 2 pixels along a line from (0, 1); 2 loads and 3 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_22p5_1(const Place& place, int image, const Lane (&w)[BIAS]) {
  constexpr int TILES = 1, LINES = 3, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 2;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE) * WIDTH + x * STRIDE + 1) * PITCH + place.channel;
    Lane* const out = place.output + own;
    const Lane* const around = place.grad + image * (long long)(GRAD_HEIGHT * GRAD_WIDTH * PITCH) +
                               (y * GRAD_WIDTH + x) * PITCH + place.channel;
    Lane a0 = zero();
    Lane a1 = zero();
    Lane v;
    v = load(around + (0 * GRAD_WIDTH + 0) * PITCH);
    mad(a0, v, w[2]);
    v = load(around + (0 * GRAD_WIDTH + 1) * PITCH);
    mad(a0, v, w[0]); mad(a1, v, w[2]);
    out[(0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH] = a0;
    out[(0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH] = a1;
  }
}

// 22.5 degrees: 2 pixels along a line from (1, 0); 0 loads and 0 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_22p5_2(const Place& place, int image, const Lane (&w)[BIAS]) {
  constexpr int TILES = 1, LINES = 2, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 2;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE + 1) * WIDTH + x * STRIDE) * PITCH + place.channel;
    Lane* const out = place.output + own;
    Lane a0 = zero();
    Lane a1 = zero();
    out[(0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH] = a0;
    out[(0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH] = a1;
  }
}

// 22.5 degrees: 2 pixels along a line from (1, 1); 0 loads and 0 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_22p5_3(const Place& place, int image, const Lane (&w)[BIAS]) {
  constexpr int TILES = 1, LINES = 2, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 2;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE + 1) * WIDTH + x * STRIDE + 1) * PITCH + place.channel;
    Lane* const out = place.output + own;
    Lane a0 = zero();
    Lane a1 = zero();
    out[(0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH] = a0;
    out[(0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH] = a1;
  }
}

// 22p5 degrees, over all of a block's images.
__device__ __forceinline__ void line_22p5(const Place& place) {
  Lane w[BIAS];
#pragma unroll
  for (int t = 0; t < 3; ++t) w[t] = load(place.packed + t * PITCH + place.channel);
#pragma unroll 1
  for (int image = place.first; image < place.end; ++image) {
    part_22p5_0(place, image, w);
    part_22p5_1(place, image, w);
    part_22p5_2(place, image, w);
    part_22p5_3(place, image, w);
  }
}

// What a block does: a piece of a chunk, for a group of images.
struct Task {
  int chunk, piece, group;
};

__device__ __forceinline__ Task task_of(unsigned block) {
  // Chunks vary fastest, so that blocks that run at a time read whole pixels; then pieces, then images.
  return {int(block % CHUNKS), int(block / CHUNKS % BLOCKS), int(block / (CHUNKS * BLOCKS))};
}

}  // namespace

// Lanes are channels, so that loads and stores of every direction are whole pieces of pixels. A thread takes tiles of
// pixels, whose x only it reads and whose dx only it writes.
extern "C" __global__ void __launch_bounds__(32, 32) dgrad_nhwc_f32_5x4_s2_k5_a22p5_c5__cuda_direct_grad_t2_v1_l8_a1_b1_s1_i1_m32_w0_o0(
    const float* __restrict__ grad, const float* __restrict__ packed, float* __restrict__ input_grad, int batch) {
  const Task walk = task_of(blockIdx.x);
  const Chunk chunk = chunk_of(walk.chunk);
  if (walk.piece >= pieces_of(chunk.body)) return;
  const int lane = threadIdx.x % LANES, first = walk.group * IMAGES;
  // Lanes behind the chunk's last channel take no images.
  const int channel = min(chunk.from / 1 + lane, chunk.to / 1 - 1);
  const bool idle = chunk.from / 1 + lane > channel;
  const Place place{
      reinterpret_cast<const Lane*>(grad),
      reinterpret_cast<const Lane*>(packed),
      reinterpret_cast<Lane*>(input_grad),
      channel,
      first,
      idle ? first : min(first + IMAGES, batch),
      walk.piece,
      __shfl_sync(~0u, int(threadIdx.x / 32), 0),  // the same in all lanes, as the compiler now knows
      int(threadIdx.x % 32 / LANES),
      lane,
  };
  switch (chunk.body) {
    case 0: line_22p5(place); break;
  }
}

extern "C" __global__ void dgrad_nhwc_f32_5x4_s2_k5_a22p5_c5__cuda_direct_grad_t2_v1_l8_a1_b1_s1_i1_m32_w0_o0_pack(const float* weight, const float*, float centre, float* packed) {
  pack(weight, centre, packed);
}

}  // namespace dgrad_nhwc_f32_5x4_s2_k5_a22p5_c5__cuda_direct_grad_t2_v1_l8_a1_b1_s1_i1_m32_w0_o0_code
