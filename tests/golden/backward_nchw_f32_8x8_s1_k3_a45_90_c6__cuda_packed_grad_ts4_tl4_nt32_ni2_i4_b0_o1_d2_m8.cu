// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace backward_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_grad_ts4_tl4_nt32_ni2_i4_b0_o1_d2_m8_code {
namespace {

// Copies of many bytes between global and shared memory by the copy engine, in units of 16 aligned bytes. All threads
// of the block call each of these. A copy may consist of `count` pieces of `bytes` each, which start `shared_step` and
// `global_step` bytes apart. Below sm_90 the block copies with plain loads and stores.
//
// In: a barrier, 8 bytes of shared memory, goes through phases of `copies` copies each; waiting for parity 0, 1, 0, ..
// in turn waits for one phase after the other. What a copy overwrites must have been read before a barrier ahead of it.
// Out: a store takes what all threads wrote before they called it. What it reads may be overwritten, and the block may
// end, once it was waited for.
#ifndef O1D_EMULATED  // tests/emulated has its own
__device__ __forceinline__ void async_bulk_init(unsigned long long* barrier, int copies) {
#if __CUDA_ARCH__ >= 900
  if (threadIdx.x == 0) {
    const unsigned at = __cvta_generic_to_shared(barrier);
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(at), "r"(copies) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  __syncthreads();
#endif
}

__device__ __forceinline__ void async_bulk_copy(unsigned long long* barrier, void* shared, const void* global,
                                                int bytes, int count = 1, int shared_step = 0,
                                                long long global_step = 0) {
  char* const to = static_cast<char*>(shared);
  const char* const from = static_cast<const char*>(global);
#if __CUDA_ARCH__ >= 900
  if (threadIdx.x != 0) return;
  const unsigned at = __cvta_generic_to_shared(barrier);
  // What threads wrote there as threads do must come before what the copy engine writes.
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"(bytes * count) : "memory");
  for (int i = 0; i < count; ++i)
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                     (unsigned)__cvta_generic_to_shared(to + i * shared_step)),
                 "l"(from + i * global_step), "r"(bytes), "r"(at)
                 : "memory");
#else
  for (int i = 0; i < count; ++i)
    for (int at = 16 * threadIdx.x; at < bytes; at += 16 * blockDim.x)
      *reinterpret_cast<float4*>(to + i * shared_step + at) =
          *reinterpret_cast<const float4*>(from + i * global_step + at);
#endif
}

__device__ __forceinline__ void async_bulk_wait(unsigned long long* barrier, int parity) {
#if __CUDA_ARCH__ >= 900
  const unsigned at = __cvta_generic_to_shared(barrier);
  asm volatile(
      "{\n"
      "  .reg .pred done;\n"
      "again:\n"
      "  mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "  @!done bra again;\n"
      "}\n" ::"r"(at),
      "r"(parity)
      : "memory");
#else
  __syncthreads();
#endif
}

__device__ __forceinline__ void async_bulk_store(void* global, const void* shared, int bytes, int count = 1,
                                                 int shared_step = 0, long long global_step = 0) {
  char* const to = static_cast<char*>(global);
  const char* const from = static_cast<const char*>(shared);
#if __CUDA_ARCH__ >= 900
  // The copy engine sees what a thread wrote behind that thread's fence.
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int i = 0; i < count; ++i)
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(to + i * global_step),
                 "r"((unsigned)__cvta_generic_to_shared(from + i * shared_step)), "r"(bytes)
                 : "memory");
  asm volatile("cp.async.bulk.commit_group;" ::: "memory");
#else
  __syncthreads();
  for (int i = 0; i < count; ++i)
    for (int at = 16 * threadIdx.x; at < bytes; at += 16 * blockDim.x)
      *reinterpret_cast<float4*>(to + i * global_step + at) =
          *reinterpret_cast<const float4*>(from + i * shared_step + at);
#endif
}

__device__ __forceinline__ void async_bulk_store_wait() {
#if __CUDA_ARCH__ >= 900
  if (threadIdx.x == 0) asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory");
#endif
  __syncthreads();
}

// The same for the copy engine alone, which then may overwrite what stores have read: other threads may not.
__device__ __forceinline__ void async_bulk_store_read() {
#if __CUDA_ARCH__ >= 900
  if (threadIdx.x == 0) asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory");
#else
  __syncthreads();
#endif
}
#endif

constexpr int CHANNELS = 6, HEIGHT = 8, WIDTH = 8, STRIDE = 1;
constexpr int GRAD_HEIGHT = 8, GRAD_WIDTH = 8;  // of dy
constexpr int PLANE = HEIGHT * WIDTH, GRAD_PLANE = GRAD_HEIGHT * GRAD_WIDTH;
constexpr long long IMAGE = (long long)CHANNELS * PLANE, GRAD_IMAGE = (long long)CHANNELS * GRAD_PLANE;
constexpr int THREADS = 32;
constexpr int IMAGES = 4, PLANES = 2;  // images a block, and how many of them at a time
constexpr int DEPTH = 2;  // steps whose planes are in shared memory, or on their way there
constexpr int PIXELS = 128, BUFFER = 256;  // floats of a step's planes of x, and of all its planes
constexpr int BIAS = 3;  // the place behind a channel's taps
constexpr int ROW = 4;  // in `packed`: a channel's values in whole fours
constexpr int SLOTS = 4, VALUES = CHANNELS * SLOTS;  // a row of partial sums is [channel][slot]

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// Between two ifs with the same condition: in one they would be long enough for a branch, apart they cost a predicate.
__device__ __forceinline__ void apart() { asm volatile(""); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

__device__ __forceinline__ void add(float& sum, float value) { sum += value; }

// A step takes PLANES images, or those that are left.
struct Step {
  int first, planes;
};

__device__ __forceinline__ int step_count(int images) { return IMAGES == PLANES ? 1 : (images + PLANES - 1) / PLANES; }

__device__ __forceinline__ Step step_of(int i, int images, int) {
  return {i * PLANES, PLANES == 1 ? 1 : min(PLANES, images - i * PLANES)};
}

__device__ __forceinline__ int planes_of(Step step) { return step.planes; }

__device__ __forceinline__ void fetch_grads(unsigned long long* barrier, float* planes, const float* grad, Step step) {
  async_bulk_copy(barrier, planes, grad + step.first * GRAD_IMAGE, 4 * GRAD_PLANE, step.planes, 4 * GRAD_PLANE,
                  4 * GRAD_IMAGE);
}

__device__ __forceinline__ void fetch_pixels(unsigned long long* barrier, float* planes, const float* input,
                                             Step step) {
  async_bulk_copy(barrier, planes, input + step.first * IMAGE, 4 * PLANE, step.planes, 4 * PLANE, 4 * IMAGE);
}

__device__ __forceinline__ void put(float* input_grad, const float* planes, Step step) {
  async_bulk_store(input_grad + step.first * IMAGE, planes, 4 * PLANE, step.planes, 4 * PLANE, 4 * IMAGE);
}

// 45 degrees: 4 pixels along a line from (0, 0); 4 loads and 4 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_45_0(const float (&w)[ROW], float (&d)[SLOTS], float* pixels, const float* grads, Step step) {
  constexpr int TILES_ALONG = 2, TILES_ACROSS = 8, TILES = TILES_ALONG * TILES_ACROSS;
#pragma unroll 1
  for (int i = threadIdx.x; i < TILES * PLANES; i += THREADS) {
    // Neighbouring lanes have neighbouring columns, so that they meet no bank twice.
    const int along = i / (PLANES * TILES_ACROSS), plane = i / TILES_ACROSS % PLANES, across = i % TILES_ACROSS;
    if (plane >= planes_of(step)) continue;
    const int y = along * 4, x = across;
    [[maybe_unused]] float* const own = pixels + plane * PLANE + (y * STRIDE) * WIDTH + x * STRIDE;
    [[maybe_unused]] const float* const around = grads + plane * GRAD_PLANE + y * GRAD_WIDTH + x;
    const float x0 = own[0];
    const float x1 = own[1 * STRIDE * WIDTH];
    const float x2 = own[2 * STRIDE * WIDTH];
    const float x3 = own[3 * STRIDE * WIDTH];
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    [[maybe_unused]] float v;
    v = around[0];
    mad(a0, v, w[0]);  mad(d[0], v, x0);  add(d[BIAS], v);
    v = around[1 * GRAD_WIDTH];
    mad(a1, v, w[0]);  mad(d[0], v, x1);  add(d[BIAS], v);
    v = around[2 * GRAD_WIDTH];
    mad(a2, v, w[0]);  mad(d[0], v, x2);  add(d[BIAS], v);
    v = around[3 * GRAD_WIDTH];
    mad(a3, v, w[0]);  mad(d[0], v, x3);  add(d[BIAS], v);
    own[0] = a0;
    own[1 * STRIDE * WIDTH] = a1;
    own[2 * STRIDE * WIDTH] = a2;
    own[3 * STRIDE * WIDTH] = a3;
  }
}

// 90 degrees: 4 pixels along a line from (0, 0); 6 loads and 12 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_90_0(const float (&w)[ROW], float (&d)[SLOTS], float* pixels, const float* grads, Step step) {
  constexpr int TILES_ALONG = 2, TILES_ACROSS = 8, TILES = TILES_ALONG * TILES_ACROSS;
#pragma unroll 1
  for (int i = threadIdx.x; i < TILES * PLANES; i += THREADS) {
    // Neighbouring lanes have neighbouring columns, so that they meet no bank twice.
    const int along = i / (PLANES * TILES_ACROSS), plane = i / TILES_ACROSS % PLANES, across = i % TILES_ACROSS;
    if (plane >= planes_of(step)) continue;
    const int y = along * 4, x = across;
    [[maybe_unused]] float* const own = pixels + plane * PLANE + (y * STRIDE) * WIDTH + x * STRIDE;
    [[maybe_unused]] const float* const around = grads + plane * GRAD_PLANE + y * GRAD_WIDTH + x;
    const bool iy_m4 = y - 4 >= 0;
    const bool iy_7 = y + 7 < 8;
    const float x0 = own[0];
    const float x1 = own[1 * STRIDE * WIDTH];
    const float x2 = own[2 * STRIDE * WIDTH];
    const float x3 = own[3 * STRIDE * WIDTH];
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    [[maybe_unused]] float v;
    if (iy_m4) {
      v = around[-1 * GRAD_WIDTH];
      mad(a0, v, w[0]);  mad(d[0], v, x0);
    }
    v = around[0];
    mad(a1, v, w[0]);  mad(d[0], v, x1);  mad(a0, v, w[1]);  mad(d[1], v, x0);
    add(d[BIAS], v);
    v = around[1 * GRAD_WIDTH];
    mad(a2, v, w[0]);  mad(d[0], v, x2);  mad(a1, v, w[1]);  mad(d[1], v, x1);
    add(d[BIAS], v);  mad(a0, v, w[2]);  mad(d[2], v, x0);
    v = around[2 * GRAD_WIDTH];
    mad(a3, v, w[0]);  mad(d[0], v, x3);  mad(a2, v, w[1]);  mad(d[1], v, x2);
    add(d[BIAS], v);  mad(a1, v, w[2]);  mad(d[2], v, x1);
    v = around[3 * GRAD_WIDTH];
    mad(a3, v, w[1]);  mad(d[1], v, x3);  add(d[BIAS], v);  mad(a2, v, w[2]);
    mad(d[2], v, x2);
    if (iy_7) {
      v = around[4 * GRAD_WIDTH];
      mad(a3, v, w[2]);  mad(d[2], v, x3);
    }
    own[0] = a0;
    own[1 * STRIDE * WIDTH] = a1;
    own[2 * STRIDE * WIDTH] = a2;
    own[3 * STRIDE * WIDTH] = a3;
  }
}

// Channels [from, to) of one body.
struct Range {
  int from, to, body;
};

// Comparisons with numbers in the text: a block that had to look its body up in memory would start later.
__device__ __forceinline__ Range range_of(int channel) {
  if (channel < 3) return {0, 3, 0};
  return {3, 6, 1};
}

__device__ __forceinline__ int body_of(int channel) { return range_of(channel).body; }

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[2][BIAS + 1] = {
    {0, 3, 3, 3},
    {0, 1, 2, 3},
};
__device__ constexpr int CENTRE[] = {0, 1};

// The weights that fall on a tap of a channel, `centre` among them; at BIAS, behind the taps, nothing.
__device__ __forceinline__ float folded(const float* weight, float centre, int channel, int tap) {
  if (tap == BIAS) return 0.0f;
  const int body = body_of(channel);
  float sum = tap == CENTRE[body] ? centre : 0.0f;
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 3 + k];
  return sum;
}

// What the i-th value of a row is.
struct Value {
  int channel, slot;
};

__device__ __forceinline__ Value value_of(int i) { return {i / SLOTS, i % SLOTS}; }

__device__ __forceinline__ int rows_of(int, int groups) { return groups; }

// Of the body's taps one, or BIAS: writes the sum as the gradient of the channel's weights on the tap, or of its bias.
__device__ __forceinline__ void put_gradient(int body, int channel, int slot, float sum, float* weight_grad,
                                             float* bias_grad) {
  if (slot == BIAS)
    bias_grad[channel] = sum;
  else
    for (int k = FIRST[body][slot]; k < FIRST[body][slot + 1]; ++k) weight_grad[(long long)channel * 3 + k] = sum;
}

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
  double sum = 0.0;
#pragma unroll 1
  for (int row = part; row < rows; row += RUN * PARTS) {
    float run = 0.0f;
#pragma unroll
    for (int i = 0; i < RUN; ++i)
      if (row + i * PARTS < rows) run += __ldg(partial + (row + i * PARTS) * (long long)VALUES + value);
    sum += run;
  }
  sums[part][lane] = sum;
  __syncthreads();
  if (part > 0 || !used) return;
#pragma unroll
  for (int other = 1; other < PARTS; ++other) sum += sums[other][lane];
  put_gradient(body, of.channel, of.slot, float(sum), weight_grad, bias_grad);
}

// Sums over a warp of SLOTS values a lane: lane l gets the sum of value l % SLOTS. In each step a lane keeps one half of
// its values and gets the other lane's. Places are numbers in the text: in a loop that is not unrolled, values would lie
// in local memory.
__device__ __forceinline__ float warp_sums(float (&d)[SLOTS]) {
  {
    const bool upper = threadIdx.x & 2;
    d[0] = (upper ? d[2] : d[0]) + __shfl_xor_sync(~0u, upper ? d[0] : d[2], 2);
    d[1] = (upper ? d[3] : d[1]) + __shfl_xor_sync(~0u, upper ? d[1] : d[3], 2);
  }
  {
    const bool upper = threadIdx.x & 1;
    d[0] = (upper ? d[1] : d[0]) + __shfl_xor_sync(~0u, upper ? d[0] : d[1], 1);
  }
  float sum = d[0];
#pragma unroll
  for (int lanes = SLOTS; lanes < 32; lanes *= 2) sum += __shfl_xor_sync(~0u, sum, lanes);
  return sum;
}

// A thread below SLOTS gets that of its value over the block, of which each lane has its warp's.
__device__ __forceinline__ float block_sum(float sum) {
  __shared__ float sums[THREADS / 32][SLOTS];
  if (threadIdx.x % 32 < SLOTS) sums[threadIdx.x / 32][threadIdx.x % 32] = sum;
  __syncthreads();
  float total = 0.0f;
#pragma unroll
  for (int warp = 0; warp < THREADS / 32; ++warp) total += sums[warp][threadIdx.x % SLOTS];
  return total;
}

// One value a thread: a row for each channel.
__device__ __forceinline__ void pack(const float* weight, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i / ROW < CHANNELS) packed[i] = i % ROW <= BIAS ? folded(weight, centre, i / ROW, i % ROW) : 0.0f;
}

// A block's channel, and its group of IMAGES images.
struct Place {
  int channel, group;
};

__device__ __forceinline__ Place place_of(int block, int groups) {
  // Directions vary slowest, so that blocks which run at a time share one body's code; then groups, then channels.
  const Range range = range_of(block / groups);
  const int channels = range.to - range.from, i = block - range.from * groups;
  return {range.from + i % channels, i / channels};
}

}  // namespace

// A block owns one channel and takes its planes in steps. Planes come and go by bulk copies as they lie in memory. A
// thread takes tiles of pixels of x, whose only reader it is, so that dx takes the place of x. Sums of dw stay in
// registers over all tiles, and are added over the block.
extern "C" __global__ void __launch_bounds__(32, 8) backward_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_grad_ts4_tl4_nt32_ni2_i4_b0_o1_d2_m8(
    const float* __restrict__ input, const float* __restrict__ grad, const float* __restrict__ packed,
    float* __restrict__ input_grad, float* __restrict__ weight_grad, float* __restrict__ bias_grad, float* partial,
    int batch) {
  extern __shared__ __align__(128) float shared[];
  __shared__ unsigned long long barriers[DEPTH];
  const int groups = gridDim.x / CHANNELS;
  const Place place = place_of(blockIdx.x, groups);
  const int channel = place.channel, image = place.group * IMAGES;
  const float* const dy = grad + image * GRAD_IMAGE + (long long)channel * GRAD_PLANE;
  const float* const x = input + image * IMAGE + (long long)channel * PLANE;
  float* const dx = input_grad + image * IMAGE + (long long)channel * PLANE;
  const int body = body_of(channel), images = min(IMAGES, batch - image), steps = step_count(images);
  for (int i = 0; i < DEPTH; ++i) async_bulk_init(&barriers[i], 2);
  for (int i = 0; i < min(DEPTH, steps); ++i) {
    fetch_grads(&barriers[i], shared + i * BUFFER + PIXELS, dy, step_of(i, images, body));
    fetch_pixels(&barriers[i], shared + i * BUFFER, x, step_of(i, images, body));
  }
  float d[SLOTS];
#pragma unroll
  for (int t = 0; t < SLOTS; ++t) d[t] = 0.0f;
  float w[ROW];
#pragma unroll
  for (int t = 0; t < ROW; t += 4) {
    const float4 four = __ldg(reinterpret_cast<const float4*>(packed + (long long)channel * ROW + t));
    w[t] = four.x, w[t + 1] = four.y, w[t + 2] = four.z, w[t + 3] = four.w;
  }
#pragma unroll 1
  for (int i = 0; i < steps; ++i) {
    const Step step = step_of(i, images, body);
    unsigned long long* const barrier = &barriers[i % DEPTH];
    float* const pixels = shared + i % DEPTH * BUFFER;
    float* const grads = pixels + PIXELS;
    async_bulk_wait(barrier, i / DEPTH % 2);
    switch (body) {
      case 0:
        part_45_0(w, d, pixels, grads, step);
        break;
      case 1:
        part_90_0(w, d, pixels, grads, step);
        break;
    }
    put(dx, pixels, step);
    if (i + DEPTH >= steps) continue;
    fetch_grads(barrier, grads, dy, step_of(i + DEPTH, images, body));
    async_bulk_store_read();
    fetch_pixels(barrier, pixels, x, step_of(i + DEPTH, images, body));
  }
  const float sum = block_sum(warp_sums(d));
  if (groups > 1) {
    if (threadIdx.x < SLOTS) partial[(long long)place.group * VALUES + channel * SLOTS + threadIdx.x] = sum;
  } else if (threadIdx.x <= BIAS) {
    put_gradient(body, channel, threadIdx.x, sum, weight_grad, bias_grad);
  }
  async_bulk_store_wait();
}

extern "C" __global__ void __launch_bounds__(256) backward_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_grad_ts4_tl4_nt32_ni2_i4_b0_o1_d2_m8_reduce(
    const float* partial, float* weight_grad, float* bias_grad, int batch) {
  reduce(partial, weight_grad, bias_grad, (batch + IMAGES - 1) / IMAGES);
}

extern "C" __global__ void backward_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_grad_ts4_tl4_nt32_ni2_i4_b0_o1_d2_m8_pack(
    const float* weight, const float*, float centre, float* packed) {
  pack(weight, centre, packed);
}

}  // namespace backward_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_grad_ts4_tl4_nt32_ni2_i4_b0_o1_d2_m8_code
