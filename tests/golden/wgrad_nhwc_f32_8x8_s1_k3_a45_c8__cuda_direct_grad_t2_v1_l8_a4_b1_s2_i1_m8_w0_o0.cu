// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace wgrad_nhwc_f32_8x8_s1_k3_a45_c8__cuda_direct_grad_t2_v1_l8_a4_b1_s2_i1_m8_w0_o0_code {
namespace {

// A lane's channels of one pixel.
using Lane = float;

__device__ __forceinline__ Lane load(const Lane* from) { return __ldg(from); }

__device__ __forceinline__ Lane zero() { return 0.0f; }

__device__ __forceinline__ void mad(Lane& sum, Lane value, Lane weight) {
  sum = fmaf(value, weight, sum);
}

// An x has one reader, and one only: it need not stay in the first-level cache.
__device__ __forceinline__ float load_once(const float* from) {
#ifdef O1D_EMULATED
  return *from;
#else
  float value;
  asm("ld.global.cg.L2::128B.f32 %0, [%1];" : "=f"(value) : "l"(from));
  return value;
#endif
}

constexpr int CHANNELS = 8, HEIGHT = 8, WIDTH = 8, STRIDE = 1;
constexpr int GRAD_HEIGHT = 8, GRAD_WIDTH = 8;  // of dy
constexpr int PITCH = CHANNELS / 1;  // lanes a pixel
// Lanes of a warp that hold a tile's channels, and tiles of neighbouring lines that a warp computes.
constexpr int LANES = 8, TEAMS = 32 / LANES;
constexpr int THREADS = 128, ALONG = 4, ACROSS = 1;  // warps along a line and across lines
constexpr int IMAGES = 1;  // images a block
constexpr int CHUNKS = 1, BLOCKS = 1;  // chunks of channels, and blocks of a chunk and IMAGES images
constexpr int BIAS = 1;  // the place behind a channel's taps
// A block has a part of a row of partial sums: [slot][channel of the chunk]. A row is [chunk][part].
constexpr int PART = 16, PART_LANES = PART / 1, WIDE = PART / (BIAS + 1), VALUES = CHUNKS * PART;

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

// Channels [from, to) of one body.
struct Range {
  int from, to, body;
};

// Comparisons with numbers in the text: a block that had to look its body up in memory would start later.
__device__ __forceinline__ Range range_of(int channel) {
  return {0, 8, 0};
}

__device__ __forceinline__ int body_of(int channel) { return range_of(channel).body; }

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[1][BIAS + 1] = {
    {0, 3},
};

// A chunk's channels [from, to) and its body; of neighbours with the same body, the first chunk and how many they are.
struct Chunk {
  int from, to, body, run, count;
};

__device__ __forceinline__ Chunk chunk_of(int chunk) {
  constexpr int WIDTH = LANES * 1;
  return {0 + (chunk - 0) * WIDTH, min(0 + (chunk - 0 + 1) * WIDTH, 8), 0, 0, 1};
}

// Blocks that a chunk of a body has for a group of images.
__device__ __forceinline__ int pieces_of(int body) {
  return 1;
}

// What the i-th value of a row is. Of a chunk with fewer channels than lanes, the last ones are none.
struct Value {
  int channel, slot;
};

__device__ __forceinline__ Value value_of(int i) {
  const Chunk chunk = chunk_of(i / PART);
  const int channel = chunk.from + i % PART % WIDE;
  return channel < chunk.to ? Value{channel, i % PART / WIDE} : Value{chunk.from, BIAS + 1};
}

__device__ __forceinline__ int rows_of(int body, int groups) { return groups * pieces_of(body); }

// Of the body's taps one, or BIAS: writes the sum as the gradient of the channel's weights on the tap, or of its bias.
__device__ __forceinline__ void put_gradient(int body, int channel, int slot, float sum, float* weight_grad,
                                             float* bias_grad) {
  if (slot == BIAS)
    bias_grad[channel] = sum;
  else
    for (int k = FIRST[body][slot]; k < FIRST[body][slot + 1]; ++k) weight_grad[(long long)channel * 3 + k] = sum;
}

#ifndef O1D_EMULATED  // tests/emulated has its own
// Lets blocks of the next kernel start where there is room, once all blocks have come here or ended: not before their tiles are
// done, since a start costs long code its place in the caches of instructions. Before sm_90 kernels do not start so.
__device__ __forceinline__ void let_next_start() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

// Waits for the end of the kernel before, and for all that it wrote.
__device__ __forceinline__ void await_kernel_before() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
#endif

// Adds up the rows of partial sums that a launch left, in a fixed order. All rows have VALUES values in the same order, of
// which value_of says what they are; a body has rows_of of them. Sums of RUN rows are added in float32, and those in
// float64. A block adds 32 values, each by PARTS threads.
__device__ __forceinline__ void reduce(const float* __restrict__ partial, float* weight_grad, float* bias_grad, int groups) {
  constexpr int RUN = 8, PARTS = 8;
  __shared__ double sums[PARTS][32];
  const int lane = threadIdx.x % 32, part = threadIdx.x / 32, value = blockIdx.x * 32 + lane;
  const Value of = value_of(min(value, VALUES - 1));
  const int body = body_of(of.channel);
  const bool used = value < VALUES && of.slot <= BIAS;
  const int rows = used ? rows_of(body, groups) : 0;
  await_kernel_before();
  double sum = 0.0;
#pragma unroll 1
  for (int row = part; row < rows; row += RUN * PARTS) {
    float run = 0.0f;
#pragma unroll
    for (int i = 0; i < RUN; ++i)
      if (row + i * PARTS < rows) run += __ldcg(partial + (row + i * PARTS) * (long long)VALUES + value);
    sum += run;
  }
  sums[part][lane] = sum;
  __syncthreads();
  if (part > 0 || !used) return;
#pragma unroll
  for (int other = 1; other < PARTS; ++other) sum += sums[other][lane];
  put_gradient(body, of.channel, of.slot, float(sum), weight_grad, bias_grad);
}

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
  Lane* const own = shared + place.warp * PART_LANES + place.lane;
#pragma unroll
  for (int t = 0; t <= BIAS; ++t)
    if (t < TAPS || t == BIAS) own[t * LANES] = d[t];
}

// Whether a body has a sum at a place of its part.
__device__ __forceinline__ bool used(int body, int slot) {
  return slot == BIAS || FIRST[body][slot] < FIRST[body][slot + 1];
}

// The block's part of its row: what its warps left in `shared`, added up.
__device__ __forceinline__ void put_part(int body, const Lane* shared, Lane* part) {
  __syncthreads();
  for (int i = threadIdx.x; i < PART_LANES; i += THREADS) {
    if (!used(body, i / LANES)) continue;
    Lane sum = shared[i];
#pragma unroll
    for (int warp = 1; warp < THREADS / 32; ++warp) add(sum, shared[warp * PART_LANES + i]);
    part[i] = sum;
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
  __shared__ __align__(16) Lane shared[THREADS / 32 * PART_LANES];
  const Task walk = task_of(blockIdx.x);
  const Chunk chunk = chunk_of(walk.chunk);
  if (walk.piece >= pieces_of(chunk.body)) return;
  const int lane = threadIdx.x % LANES, first = walk.group * IMAGES;
  // Lanes behind the chunk's last channel take no images.
  const int channel = min(chunk.from / 1 + lane, chunk.to / 1 - 1);
  const bool idle = chunk.from / 1 + lane > channel;
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
  switch (chunk.body) {
    case 0: line_45(place, shared); break;
  }
  let_next_start();
  // What the block does is found out again: nobody kept it in registers.
  int block = blockIdx.x;
  opaque(block);
  const Task task = task_of(block);
  const int body = chunk_of(task.chunk).body, row = task.group * pieces_of(body) + task.piece;
  put_part(body, shared, reinterpret_cast<Lane*>(partial + row * (long long)VALUES + task.chunk * PART));
}

extern "C" __global__ void __launch_bounds__(256) wgrad_nhwc_f32_8x8_s1_k3_a45_c8__cuda_direct_grad_t2_v1_l8_a4_b1_s2_i1_m8_w0_o0_reduce(
    const float* partial, float* weight_grad, float* bias_grad, int batch) {
  reduce(partial, weight_grad, bias_grad, (batch + IMAGES - 1) / IMAGES);
}

}  // namespace wgrad_nhwc_f32_8x8_s1_k3_a45_c8__cuda_direct_grad_t2_v1_l8_a4_b1_s2_i1_m8_w0_o0_code
