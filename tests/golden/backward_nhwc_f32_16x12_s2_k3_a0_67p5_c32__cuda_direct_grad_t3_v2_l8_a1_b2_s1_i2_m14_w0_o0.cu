// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace backward_nhwc_f32_16x12_s2_k3_a0_67p5_c32__cuda_direct_grad_t3_v2_l8_a1_b2_s1_i2_m14_w0_o0_code {
namespace {

// A lane's channels of one pixel.
using Lane = float2;

__device__ __forceinline__ Lane load(const Lane* from) { return __ldg(from); }

// Results are not read again before they leave the cache.
__device__ __forceinline__ void store(Lane* to, Lane value) { __stcs(to, value); }

__device__ __forceinline__ Lane zero() { return make_float2(0.0f, 0.0f); }

__device__ __forceinline__ void mad(Lane& sum, Lane value, Lane weight) {
  sum.x = fmaf(value.x, weight.x, sum.x);
  sum.y = fmaf(value.y, weight.y, sum.y);
}

// An x has one reader, and one only.
__device__ __forceinline__ Lane load_once(const Lane* from) { return __ldcs(from); }

constexpr int CHANNELS = 32, HEIGHT = 16, WIDTH = 12, STRIDE = 2;
constexpr int GRAD_HEIGHT = 8, GRAD_WIDTH = 6;  // of dy
constexpr int PITCH = CHANNELS / 2;  // lanes a pixel
// Lanes of a warp that hold a tile's channels, and tiles of neighbouring lines that a warp computes.
constexpr int LANES = 8, TEAMS = 32 / LANES;
constexpr int THREADS = 64, ALONG = 1, ACROSS = 2;  // warps along a line and across lines
constexpr int IMAGES = 2;  // images a block
constexpr int CHUNKS = 2, BLOCKS = 2;  // chunks of channels, and blocks of a chunk and IMAGES images
constexpr int BIAS = 3;  // the place behind a channel's taps
// A row of partial sums is a block's: [slot][channel of the chunk]. Rows are [group of images][piece][chunk], behind the
// counters of each chunk: one of its cells that are done, and one for each of up to CELLS cells of its rows that are done.
constexpr int ROW = 64, ROW_LANES = ROW / 2, CELLS = 8, COUNTERS = 20;

// What a thread computes: its channels of the images [first, end), and of each the tiles of a piece.
struct Place {
  const Lane* input;
  const Lane* grad;
  const Lane* packed;
  Lane* output;
  int channel, first, end, piece, warp, team, lane;
};

// The compiler does not know what this leaves of a value. Else it would compute tests of all tiles of a loop before it, and
// find no registers to keep them in.
__device__ __forceinline__ void opaque(int& value) { asm volatile("" : "+r"(value)); }

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// Chunk i: the channels before TO[i] that no earlier chunk has, of body BODY[i].
__device__ constexpr int TO[] = {16, 32}, BODY[] = {0, 1};

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[2][BIAS + 1] = {
    {0, 1, 2, 3},
    {0, 3, 3, 3},
};
__device__ constexpr int CENTRE[] = {1, 0};

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
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 3 + k];
  return sum;
}

// The first channel of each chunk.
__device__ constexpr int FROM[] = {0, 16};

// One value a thread: rows of weights [tap][channel], then one of bias.
__device__ __forceinline__ void pack(const float* weight, const float* bias, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, bias, centre, i % CHANNELS, i / CHANNELS);
}

// Blocks that a chunk has for a group of images, by body.
__device__ constexpr int PIECES[] = {2, 2};

__device__ __forceinline__ void add(Lane& sum, Lane value) {
  sum.x += value.x;
  sum.y += value.y;
}

// The sums of a warp's teams, to the warp's place in `shared`.
template <int TAPS>
__device__ __forceinline__ void put_sums(const Place& place, Lane (&d)[BIAS + 1], Lane* shared) {
#pragma unroll
  for (int lanes = LANES; lanes < 32; lanes *= 2) {
#pragma unroll
    for (int t = 0; t <= BIAS; ++t) {
      if (t >= TAPS && t < BIAS) continue;
      d[t].x += __shfl_xor_sync(~0u, d[t].x, lanes);
      d[t].y += __shfl_xor_sync(~0u, d[t].y, lanes);
    }
  }
  if (place.team != 0) return;
  Lane* const own = shared + place.warp * ROW_LANES + place.lane;
#pragma unroll
  for (int t = 0; t <= BIAS; ++t)
    if (t < TAPS || t == BIAS) own[t * LANES] = d[t];
}

// Whether a body has a sum at a place of a row.
__device__ __forceinline__ bool used(int body, int slot) {
  return slot == BIAS || FIRST[body][slot] < FIRST[body][slot + 1];
}

// The block's row: what its warps left in `shared`, added up.
__device__ __forceinline__ void put_row(int body, const Lane* shared, Lane* row) {
  __syncthreads();
  for (int i = threadIdx.x; i < ROW_LANES; i += THREADS) {
    if (!used(body, i / LANES)) continue;
    Lane sum = shared[i];
#pragma unroll
    for (int warp = 1; warp < THREADS / 32; ++warp) add(sum, shared[warp * ROW_LANES + i]);
    row[i] = sum;
  }
}

// Whether this block is the last of `count` that come here with the same counter, and sees what the others wrote before.
// The counter is zero before and after.
__device__ __forceinline__ bool last_of(int* counter, int count) {
  __shared__ bool last;
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    last = atomicAdd(counter, 1) == count - 1;
    if (last) *counter = 0;
    __threadfence();
  }
  __syncthreads();
  return last;
}

// Adds `count` rows in a fixed order: sums of RUN of them in float32, and those in float64. row(r) is where the r-th one
// lies, put(i, sum) gets values 4 * i to 4 * i + 3. `shared` may be written.
template <class Row, class Put>
__device__ __forceinline__ void add_rows(int body, int count, float4* shared, Row row, Put put) {
  constexpr int RUN = 8, FOURS = ROW / 4, PARTS = 2;  // threads a value
  for (int i = threadIdx.x; i < FOURS * PARTS; i += THREADS) {
    const int four = i % FOURS, part = i / FOURS;
    if (!used(body, 4 * four / (ROW / (BIAS + 1)))) continue;
    double x = 0.0, y = 0.0, z = 0.0, w = 0.0;
#pragma unroll 1
    for (int first = part; first < count; first += RUN * PARTS) {
      float4 run = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll
      for (int r = 0; r < RUN; ++r) {
        if (first + r * PARTS >= count) continue;
        // Past the first-level cache, which does not see what other blocks wrote.
        const float4 value = __ldcg(reinterpret_cast<const float4*>(row(first + r * PARTS)) + four);
        run.x += value.x, run.y += value.y, run.z += value.z, run.w += value.w;
      }
      x += run.x, y += run.y, z += run.z, w += run.w;
    }
    shared[i] = make_float4(float(x), float(y), float(z), float(w));
  }
  __syncthreads();
  for (int i = threadIdx.x; i < FOURS; i += THREADS) {
    if (!used(body, 4 * i / (ROW / (BIAS + 1)))) continue;
    float4 sum = shared[i];
#pragma unroll
    for (int part = 1; part < PARTS; ++part) {
      const float4 value = shared[part * FOURS + i];
      sum.x += value.x, sum.y += value.y, sum.z += value.z, sum.w += value.w;
    }
    put(i, sum);
  }
}

// 0 degrees: 3 pixels along a line from (0, 0); 3 loads and 3 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_0_0(const Place& place, int image, const Lane (&w)[BIAS], Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 2, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 3;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE) * WIDTH + x * STRIDE) * PITCH + place.channel;
    const Lane* const in = place.input + own;
    Lane* const out = place.output + own;
    const Lane* const around = place.grad + image * (long long)(GRAD_HEIGHT * GRAD_WIDTH * PITCH) +
                               (y * GRAD_WIDTH + x) * PITCH + place.channel;
    const Lane x0 = load_once(in + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH);
    const Lane x1 = load_once(in + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH);
    const Lane x2 = load_once(in + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH);
    Lane a0 = zero();
    Lane a1 = zero();
    Lane a2 = zero();
    Lane v;
    v = load(around + (0 * GRAD_WIDTH + 0) * PITCH);
    mad(a0, v, w[1]); mad(d[1], v, x0); add(d[BIAS], v);
    v = load(around + (0 * GRAD_WIDTH + 1) * PITCH);
    mad(a1, v, w[1]); mad(d[1], v, x1); add(d[BIAS], v);
    v = load(around + (0 * GRAD_WIDTH + 2) * PITCH);
    mad(a2, v, w[1]); mad(d[1], v, x2); add(d[BIAS], v);
    store(out + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH, a0);
    store(out + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH, a1);
    store(out + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH, a2);
  }
}

// 0 degrees: 3 pixels along a line from (0, 1); 4 loads and 6 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_0_1(const Place& place, int image, const Lane (&w)[BIAS], Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 2, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 3;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE) * WIDTH + x * STRIDE + 1) * PITCH + place.channel;
    const Lane* const in = place.input + own;
    Lane* const out = place.output + own;
    const Lane* const around = place.grad + image * (long long)(GRAD_HEIGHT * GRAD_WIDTH * PITCH) +
                               (y * GRAD_WIDTH + x) * PITCH + place.channel;
    const bool ix_3 = x + 3 < 6;
    const Lane x0 = load_once(in + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH);
    const Lane x1 = load_once(in + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH);
    const Lane x2 = load_once(in + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH);
    Lane a0 = zero();
    Lane a1 = zero();
    Lane a2 = zero();
    Lane v;
    v = load(around + (0 * GRAD_WIDTH + 0) * PITCH);
    mad(a0, v, w[2]); mad(d[2], v, x0);
    v = load(around + (0 * GRAD_WIDTH + 1) * PITCH);
    mad(a0, v, w[0]); mad(d[0], v, x0); mad(a1, v, w[2]); mad(d[2], v, x1);
    v = load(around + (0 * GRAD_WIDTH + 2) * PITCH);
    mad(a1, v, w[0]); mad(d[0], v, x1); mad(a2, v, w[2]); mad(d[2], v, x2);
    v = ix_3 ? load(around + (0 * GRAD_WIDTH + 3) * PITCH) : zero();
    mad(a2, v, w[0]); mad(d[0], v, x2);
    store(out + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH, a0);
    store(out + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH, a1);
    store(out + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH, a2);
  }
}

// 0 degrees: 3 pixels along a line from (1, 0); 0 loads and 0 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_0_2(const Place& place, int image, const Lane (&w)[BIAS], Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 2, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 3;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE + 1) * WIDTH + x * STRIDE) * PITCH + place.channel;
    Lane* const out = place.output + own;
    Lane a0 = zero();
    Lane a1 = zero();
    Lane a2 = zero();
    store(out + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH, a0);
    store(out + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH, a1);
    store(out + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH, a2);
  }
}

// 0 degrees: 3 pixels along a line from (1, 1); 0 loads and 0 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_0_3(const Place& place, int image, const Lane (&w)[BIAS], Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 2, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 3;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE + 1) * WIDTH + x * STRIDE + 1) * PITCH + place.channel;
    Lane* const out = place.output + own;
    Lane a0 = zero();
    Lane a1 = zero();
    Lane a2 = zero();
    store(out + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH, a0);
    store(out + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH, a1);
    store(out + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH, a2);
  }
}

// 0 degrees, over all of a block's images.
__device__ __forceinline__ void line_0(const Place& place, Lane* shared) {
  Lane w[BIAS];
#pragma unroll
  for (int t = 0; t < 3; ++t) w[t] = load(place.packed + t * PITCH + place.channel);
  Lane d[BIAS + 1];
#pragma unroll
  for (int t = 0; t <= BIAS; ++t) d[t] = zero();
#pragma unroll 1
  for (int image = place.first; image < place.end; ++image) {
    part_0_0(place, image, w, d);
    part_0_1(place, image, w, d);
    part_0_2(place, image, w, d);
    part_0_3(place, image, w, d);
  }
  put_sums<3>(place, d, shared);
}

// 67.5 degrees: 3 pixels along a line from (0, 0); 3 loads and 3 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_67p5_0(const Place& place, int image, const Lane (&w)[BIAS], Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 2, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 3;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE) * WIDTH + x * STRIDE) * PITCH + place.channel;
    const Lane* const in = place.input + own;
    Lane* const out = place.output + own;
    const Lane* const around = place.grad + image * (long long)(GRAD_HEIGHT * GRAD_WIDTH * PITCH) +
                               (y * GRAD_WIDTH + x) * PITCH + place.channel;
    const Lane x0 = load_once(in + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH);
    const Lane x1 = load_once(in + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH);
    const Lane x2 = load_once(in + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH);
    Lane a0 = zero();
    Lane a1 = zero();
    Lane a2 = zero();
    Lane v;
    v = load(around + (0 * GRAD_WIDTH + 0) * PITCH);
    mad(a0, v, w[0]); mad(d[0], v, x0); add(d[BIAS], v);
    v = load(around + (0 * GRAD_WIDTH + 1) * PITCH);
    mad(a1, v, w[0]); mad(d[0], v, x1); add(d[BIAS], v);
    v = load(around + (0 * GRAD_WIDTH + 2) * PITCH);
    mad(a2, v, w[0]); mad(d[0], v, x2); add(d[BIAS], v);
    store(out + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH, a0);
    store(out + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH, a1);
    store(out + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH, a2);
  }
}

// 67.5 degrees: 3 pixels along a line from (0, 1); 0 loads and 0 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_67p5_1(const Place& place, int image, const Lane (&w)[BIAS], Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 2, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 3;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE) * WIDTH + x * STRIDE + 1) * PITCH + place.channel;
    Lane* const out = place.output + own;
    Lane a0 = zero();
    Lane a1 = zero();
    Lane a2 = zero();
    store(out + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH, a0);
    store(out + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH, a1);
    store(out + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH, a2);
  }
}

// 67.5 degrees: 3 pixels along a line from (1, 0); 0 loads and 0 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_67p5_2(const Place& place, int image, const Lane (&w)[BIAS], Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 2, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 3;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE + 1) * WIDTH + x * STRIDE) * PITCH + place.channel;
    Lane* const out = place.output + own;
    Lane a0 = zero();
    Lane a1 = zero();
    Lane a2 = zero();
    store(out + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH, a0);
    store(out + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH, a1);
    store(out + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH, a2);
  }
}

// 67.5 degrees: 3 pixels along a line from (1, 1); 0 loads and 0 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_67p5_3(const Place& place, int image, const Lane (&w)[BIAS], Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 2, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 1 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 3;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE + 1) * WIDTH + x * STRIDE + 1) * PITCH + place.channel;
    Lane* const out = place.output + own;
    Lane a0 = zero();
    Lane a1 = zero();
    Lane a2 = zero();
    store(out + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH, a0);
    store(out + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH, a1);
    store(out + (0 * STRIDE * WIDTH + 2 * STRIDE) * PITCH, a2);
  }
}

// 67p5 degrees, over all of a block's images.
__device__ __forceinline__ void line_67p5(const Place& place, Lane* shared) {
  Lane w[BIAS];
#pragma unroll
  for (int t = 0; t < 1; ++t) w[t] = load(place.packed + t * PITCH + place.channel);
  Lane d[BIAS + 1];
#pragma unroll
  for (int t = 0; t <= BIAS; ++t) d[t] = zero();
#pragma unroll 1
  for (int image = place.first; image < place.end; ++image) {
    part_67p5_0(place, image, w, d);
    part_67p5_1(place, image, w, d);
    part_67p5_2(place, image, w, d);
    part_67p5_3(place, image, w, d);
  }
  put_sums<1>(place, d, shared);
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
extern "C" __global__ void __launch_bounds__(64, 14) backward_nhwc_f32_16x12_s2_k3_a0_67p5_c32__cuda_direct_grad_t3_v2_l8_a1_b2_s1_i2_m14_w0_o0(
    const float* __restrict__ input, const float* __restrict__ grad, const float* __restrict__ packed,
    float* __restrict__ input_grad, float* __restrict__ weight_grad, float* __restrict__ bias_grad, float* partial,
    int batch) {
  __shared__ __align__(16) Lane shared[THREADS / 32 * ROW_LANES];
  const Task walk = task_of(blockIdx.x);
  if (walk.piece >= PIECES[BODY[walk.chunk]]) return;
  const int lane = threadIdx.x % LANES, first = walk.group * IMAGES;
  // Lanes behind the chunk's last channel take no images.
  const int channel = min(FROM[walk.chunk] / 2 + lane, TO[walk.chunk] / 2 - 1);
  const bool idle = FROM[walk.chunk] / 2 + lane > channel;
  const Place place{
      reinterpret_cast<const Lane*>(input),
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
  switch (BODY[walk.chunk]) {
    case 0: line_0(place, shared); break;
    case 1: line_67p5(place, shared); break;
  }
  // The block's row, then its cell's, then the chunk's. What the block does is found out again: nobody kept it in registers.
  int block = blockIdx.x;
  opaque(block);
  const Task task = task_of(block);
  const int body = BODY[task.chunk], pieces = PIECES[body];
  const int groups = (batch + IMAGES - 1) / IMAGES, cells = min(CELLS, groups), cell = task.group * cells / groups;
  const auto row = [=](int r) { return partial + COUNTERS + (r * (long long)CHUNKS + task.chunk) * ROW; };
  const auto cell_row = [=](int c) { return row((c * groups + cells - 1) / cells * pieces); };  // a cell's first
  put_row(body, shared, reinterpret_cast<Lane*>(row(task.group * pieces + task.piece)));
  int* const counters = reinterpret_cast<int*>(partial) + task.chunk * (CELLS + 1);
  const int from = (cell * groups + cells - 1) / cells, to = ((cell + 1) * groups + cells - 1) / cells;
  const int rows = (to - from) * pieces;
  if (!last_of(counters + 1 + cell, rows)) return;
  float4* const fours = reinterpret_cast<float4*>(shared);
  add_rows(body, rows, fours, [=](int r) { return row(from * pieces + r); },
           [=](int i, float4 sum) { reinterpret_cast<float4*>(cell_row(cell))[i] = sum; });
  if (!last_of(counters, cells)) return;
  add_rows(body, cells, fours, cell_row, [=](int i, float4 sum) {
    constexpr int WIDE = ROW / (BIAS + 1);  // channels
    const int slot = 4 * i / WIDE, c = FROM[task.chunk] + 4 * i % WIDE;
    const float values[] = {sum.x, sum.y, sum.z, sum.w};
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      if (c + j >= TO[task.chunk]) continue;
      if (slot == BIAS) bias_grad[c + j] = values[j];
      else
        for (int k = FIRST[body][slot]; k < FIRST[body][slot + 1]; ++k)
          weight_grad[(c + j) * (long long)3 + k] = values[j];
    }
  });
}

extern "C" __global__ void backward_nhwc_f32_16x12_s2_k3_a0_67p5_c32__cuda_direct_grad_t3_v2_l8_a1_b2_s1_i2_m14_w0_o0_pack(const float* weight, const float* bias, float centre, float* packed) {
  pack(weight, bias, centre, packed);
}

}  // namespace backward_nhwc_f32_16x12_s2_k3_a0_67p5_c32__cuda_direct_grad_t3_v2_l8_a1_b2_s1_i2_m14_w0_o0_code
