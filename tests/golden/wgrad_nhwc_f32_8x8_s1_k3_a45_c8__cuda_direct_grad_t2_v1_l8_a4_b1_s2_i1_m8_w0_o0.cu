// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace wgrad_nhwc_f32_8x8_s1_k3_a45_c8__cuda_direct_grad_t2_v1_l8_a4_b1_s2_i1_m8_w0_o0_code {
namespace {

// A lane's channels of one pixel.
using Lane = float;

__device__ __forceinline__ Lane load(const Lane* from) { return __ldg(from); }

// Results are not read again before they leave the cache.
__device__ __forceinline__ void store(Lane* to, Lane value) { __stcs(to, value); }

__device__ __forceinline__ Lane zero() { return 0.0f; }

__device__ __forceinline__ void mad(Lane& sum, Lane value, Lane weight) {
  sum = fmaf(value, weight, sum);
}

// An x has one reader, and one only.
__device__ __forceinline__ Lane load_once(const Lane* from) { return __ldcs(from); }

constexpr int CHANNELS = 8, HEIGHT = 8, WIDTH = 8, STRIDE = 1;
constexpr int GRAD_HEIGHT = 8, GRAD_WIDTH = 8;  // of dy
constexpr int PITCH = CHANNELS / 1;  // lanes a pixel
// Lanes of a warp that hold a tile's channels, and tiles of neighbouring lines that a warp computes.
constexpr int LANES = 8, TEAMS = 32 / LANES;
constexpr int THREADS = 128, ALONG = 4, ACROSS = 1;  // warps along a line and across lines
constexpr int IMAGES = 1;  // images a block
constexpr int CHUNKS = 1, BLOCKS = 1;  // chunks of channels, and blocks of a chunk and IMAGES images
constexpr int BIAS = 1;  // the place behind a channel's taps
// A row of partial sums is a block's: [slot][channel of the chunk]. Rows are [group of images][piece][chunk], behind the
// counters of each chunk: one of its cells that are done, and one for each of up to CELLS cells of its rows that are done.
constexpr int ROW = 16, ROW_LANES = ROW / 1, CELLS = 8, COUNTERS = 12;

// What a thread computes: its channels of the images [first, end), and of each the tiles of a piece.
struct Place {
  const Lane* input;
  const Lane* grad;
  int channel, first, end, piece, warp, team, lane;
};

// The compiler does not know what this leaves of a value. Else it would compute tests of all tiles of a loop before it, and
// find no registers to keep them in.
__device__ __forceinline__ void opaque(int& value) { asm volatile("" : "+r"(value)); }

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// Chunk i: the channels before TO[i] that no earlier chunk has, of body BODY[i].
__device__ constexpr int TO[] = {8}, BODY[] = {0};

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[1][BIAS + 1] = {
    {0, 3},
};
__device__ constexpr int CENTRE[] = {0};

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
__device__ constexpr int FROM[] = {0};

// Blocks that a chunk has for a group of images, by body.
__device__ constexpr int PIECES[] = {1};

__device__ __forceinline__ void add(Lane& sum, Lane value) {
  sum += value;
}

// The sums of a warp's teams, to the warp's place in `shared`.
template <int TAPS>
__device__ __forceinline__ void put_sums(const Place& place, Lane (&d)[BIAS + 1], Lane* shared) {
#pragma unroll
  for (int lanes = LANES; lanes < 32; lanes *= 2) {
#pragma unroll
    for (int t = 0; t <= BIAS; ++t) {
      if (t >= TAPS && t < BIAS) continue;
      d[t] += __shfl_xor_sync(~0u, d[t], lanes);
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
  constexpr int RUN = 8, FOURS = ROW / 4, PARTS = 4;  // threads a value
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

// 45 degrees: 2 pixels along a line from (0, 0); 2 loads and 2 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_45_0(const Place& place, int image, Lane (&d)[BIAS + 1]) {
  constexpr int TILES = 4, LINES = 8, BLOCKS_ALONG = (TILES + ALONG - 1) / ALONG;
  int piece = place.piece, warp = place.warp;
  opaque(piece), opaque(warp);
  int along = piece % BLOCKS_ALONG * ALONG + warp % ALONG;
  if (along >= TILES) return;
  constexpr int STEP = ACROSS * TEAMS, WALK = 2 * STEP;  // lines that a block computes at a time, and in all
  const int first = piece / BLOCKS_ALONG * WALK, last = min(first + WALK, LINES);
#pragma unroll 1
  for (int across = first + warp / ALONG * TEAMS + place.team; across < last; across += STEP) {
    opaque(along);
    const int y = across, x = along * 2;
    [[maybe_unused]] const long long own =
        image * (long long)(HEIGHT * WIDTH * PITCH) + ((y * STRIDE) * WIDTH + x * STRIDE) * PITCH + place.channel;
    const Lane* const in = place.input + own;
    const Lane* const around = place.grad + image * (long long)(GRAD_HEIGHT * GRAD_WIDTH * PITCH) +
                               (y * GRAD_WIDTH + x) * PITCH + place.channel;
    const Lane x0 = load_once(in + (0 * STRIDE * WIDTH + 0 * STRIDE) * PITCH);
    const Lane x1 = load_once(in + (0 * STRIDE * WIDTH + 1 * STRIDE) * PITCH);
    Lane v;
    v = load(around + (0 * GRAD_WIDTH + 0) * PITCH);
    mad(d[0], v, x0); add(d[BIAS], v);
    v = load(around + (0 * GRAD_WIDTH + 1) * PITCH);
    mad(d[0], v, x1); add(d[BIAS], v);
  }
}

// 45 degrees, over all of a block's images.
__device__ __forceinline__ void line_45(const Place& place, Lane* shared) {
  Lane d[BIAS + 1];
#pragma unroll
  for (int t = 0; t <= BIAS; ++t) d[t] = zero();
#pragma unroll 1
  for (int image = place.first; image < place.end; ++image) {
    part_45_0(place, image, d);
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
// pixels, whose x only it reads.
extern "C" __global__ void __launch_bounds__(128, 8) wgrad_nhwc_f32_8x8_s1_k3_a45_c8__cuda_direct_grad_t2_v1_l8_a4_b1_s2_i1_m8_w0_o0(
    const float* __restrict__ input, const float* __restrict__ grad, const float* __restrict__ packed,
    float* __restrict__ input_grad, float* __restrict__ weight_grad, float* __restrict__ bias_grad, float* partial,
    int batch) {
  __shared__ __align__(16) Lane shared[THREADS / 32 * ROW_LANES];
  const Task walk = task_of(blockIdx.x);
  if (walk.piece >= PIECES[BODY[walk.chunk]]) return;
  const int lane = threadIdx.x % LANES, first = walk.group * IMAGES;
  // Lanes behind the chunk's last channel take no images.
  const int channel = min(FROM[walk.chunk] / 1 + lane, TO[walk.chunk] / 1 - 1);
  const bool idle = FROM[walk.chunk] / 1 + lane > channel;
  const Place place{
      reinterpret_cast<const Lane*>(input),
      reinterpret_cast<const Lane*>(grad),
      channel,
      first,
      idle ? first : min(first + IMAGES, batch),
      walk.piece,
      __shfl_sync(~0u, int(threadIdx.x / 32), 0),  // the same in all lanes, as the compiler now knows
      int(threadIdx.x % 32 / LANES),
      lane,
  };
  switch (BODY[walk.chunk]) {
    case 0: line_45(place, shared); break;
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

}  // namespace wgrad_nhwc_f32_8x8_s1_k3_a45_c8__cuda_direct_grad_t2_v1_l8_a4_b1_s2_i1_m8_w0_o0_code
