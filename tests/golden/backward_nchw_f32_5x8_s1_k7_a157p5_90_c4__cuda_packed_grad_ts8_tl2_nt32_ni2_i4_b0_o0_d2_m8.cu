// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace backward_nchw_f32_5x8_s1_k7_a157p5_90_c4__cuda_packed_grad_ts8_tl2_nt32_ni2_i4_b0_o0_d2_m8_code {
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

constexpr int CHANNELS = 4, HEIGHT = 5, WIDTH = 8, STRIDE = 1;
constexpr int GRAD_HEIGHT = 5, GRAD_WIDTH = 8;  // of dy
constexpr int PLANE = HEIGHT * WIDTH, GRAD_PLANE = GRAD_HEIGHT * GRAD_WIDTH;
constexpr long long IMAGE = (long long)CHANNELS * PLANE, GRAD_IMAGE = (long long)CHANNELS * GRAD_PLANE;
constexpr int THREADS = 32;
constexpr int IMAGES = 4, PLANES = 2;  // images a block, and how many of them at a time
constexpr int DEPTH = 2;  // steps whose planes are in shared memory, or on their way there
constexpr int PIXELS = 96, BUFFER = 192;  // floats of a step's planes of x, and of all its planes
constexpr int BIAS = 7;  // the place behind a channel's taps
constexpr int ROW = 8;  // in `packed`: a channel's values in whole fours
constexpr int SLOTS = 8, VALUES = CHANNELS * SLOTS;  // a row of partial sums is [channel][slot]

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// Between two ifs with the same condition: in one they would be long enough for a branch, apart they cost a predicate.
__device__ __forceinline__ void apart() { asm volatile(""); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

__device__ __forceinline__ void add(float& sum, float value) { sum += value; }

__device__ __forceinline__ float4 four(const float& first) { return *reinterpret_cast<const float4*>(&first); }

__device__ __forceinline__ void put_four(float& first, float a, float b, float c, float d) {
  *reinterpret_cast<float4*>(&first) = make_float4(a, b, c, d);
}

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

// 157.5 degrees: 1x8 pixels from (0, 0); 20 loads and 34 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_157p5_0(const float (&w)[ROW], float (&d)[SLOTS], float* pixels, const float* grads, Step step) {
  constexpr int TILES_ALONG = 1, TILES_ACROSS = 5, TILES = TILES_ALONG * TILES_ACROSS;
#pragma unroll 1
  for (int i = threadIdx.x; i < TILES * planes_of(step); i += THREADS) {
    // Neighbouring lanes have neighbouring rows, whose fours lie in different banks where a row has an odd number of them.
    const int plane = i / TILES, tile = i % TILES, along = tile % TILES_ALONG, across = tile / TILES_ALONG;
    const int y = across, x = along * 8;
    [[maybe_unused]] float* const own = pixels + plane * PLANE + (y * STRIDE) * WIDTH + x * STRIDE;
    [[maybe_unused]] const float* const around = grads + plane * GRAD_PLANE + y * GRAD_WIDTH + x;
    const bool iy_m1 = y - 1 >= 0;
    const bool iy_1 = y + 1 < 5;
    const float4 p0 = four(own[0]);
    const float x0 = p0.x, x1 = p0.y, x2 = p0.z, x3 = p0.w;
    float a0 = 0.0f, a1 = 0.0f, a2 = 0.0f, a3 = 0.0f;
    const float4 p4 = four(own[4 * STRIDE]);
    const float x4 = p4.x, x5 = p4.y, x6 = p4.z, x7 = p4.w;
    float a4 = 0.0f, a5 = 0.0f, a6 = 0.0f, a7 = 0.0f;
    float4 q;
    if (iy_m1) {
      q = four(around[-1 * GRAD_WIDTH]);
      mad(a2, q.x, w[0]);  mad(d[0], q.x, x2);  mad(a3, q.y, w[0]);  mad(d[0], q.y, x3);
      mad(a4, q.z, w[0]);  mad(d[0], q.z, x4);  mad(a5, q.w, w[0]);  mad(d[0], q.w, x5);
      q = four(around[-1 * GRAD_WIDTH + 4]);
      mad(a6, q.x, w[0]);  mad(d[0], q.x, x6);  mad(a7, q.y, w[0]);  mad(d[0], q.y, x7);
    }
    q = four(around[0]);
    mad(a1, q.x, w[1]);  mad(d[1], q.x, x1);  mad(a0, q.x, w[2]);  mad(d[2], q.x, x0);
    add(d[BIAS], q.x);  mad(a2, q.y, w[1]);  mad(d[1], q.y, x2);  mad(a1, q.y, w[2]);
    mad(d[2], q.y, x1);  add(d[BIAS], q.y);  mad(a0, q.y, w[3]);  mad(d[3], q.y, x0);
    mad(a3, q.z, w[1]);  mad(d[1], q.z, x3);  mad(a2, q.z, w[2]);  mad(d[2], q.z, x2);
    add(d[BIAS], q.z);  mad(a1, q.z, w[3]);  mad(d[3], q.z, x1);  mad(a4, q.w, w[1]);
    mad(d[1], q.w, x4);  mad(a3, q.w, w[2]);  mad(d[2], q.w, x3);  add(d[BIAS], q.w);
    mad(a2, q.w, w[3]);  mad(d[3], q.w, x2);
    q = four(around[4]);
    mad(a5, q.x, w[1]);  mad(d[1], q.x, x5);  mad(a4, q.x, w[2]);  mad(d[2], q.x, x4);
    add(d[BIAS], q.x);  mad(a3, q.x, w[3]);  mad(d[3], q.x, x3);  mad(a6, q.y, w[1]);
    mad(d[1], q.y, x6);  mad(a5, q.y, w[2]);  mad(d[2], q.y, x5);  add(d[BIAS], q.y);
    mad(a4, q.y, w[3]);  mad(d[3], q.y, x4);  mad(a7, q.z, w[1]);  mad(d[1], q.z, x7);
    mad(a6, q.z, w[2]);  mad(d[2], q.z, x6);  add(d[BIAS], q.z);  mad(a5, q.z, w[3]);
    mad(d[3], q.z, x5);  mad(a7, q.w, w[2]);  mad(d[2], q.w, x7);  add(d[BIAS], q.w);
    mad(a6, q.w, w[3]);  mad(d[3], q.w, x6);
    if (iy_1) {
      q = four(around[1 * GRAD_WIDTH]);
      mad(a0, q.z, w[4]);  mad(d[4], q.z, x0);  mad(a1, q.w, w[4]);  mad(d[4], q.w, x1);
      q = four(around[1 * GRAD_WIDTH + 4]);
      mad(a2, q.x, w[4]);  mad(d[4], q.x, x2);  mad(a3, q.y, w[4]);  mad(d[4], q.y, x3);
      mad(a4, q.z, w[4]);  mad(d[4], q.z, x4);  mad(a5, q.w, w[4]);  mad(d[4], q.w, x5);
    }
    put_four(own[0], a0, a1, a2, a3);
    put_four(own[4 * STRIDE], a4, a5, a6, a7);
  }
}

// 90 degrees: 2 pixels along a line from (0, 0); 8 loads and 14 pairs of pixel and weight a tile.
__device__ __forceinline__ void part_90_0(const float (&w)[ROW], float (&d)[SLOTS], float* pixels, const float* grads, Step step) {
  constexpr int TILES_ALONG = 3, TILES_ACROSS = 8, TILES = TILES_ALONG * TILES_ACROSS;
#pragma unroll 1
  for (int i = threadIdx.x; i < TILES * PLANES; i += THREADS) {
    // Neighbouring lanes have neighbouring columns, so that they meet no bank twice.
    const int along = i / (PLANES * TILES_ACROSS), plane = i / TILES_ACROSS % PLANES, across = i % TILES_ACROSS;
    if (plane >= planes_of(step)) continue;
    const int y = along * 2, x = across;
    [[maybe_unused]] float* const own = pixels + plane * PLANE + (y * STRIDE) * WIDTH + x * STRIDE;
    [[maybe_unused]] const float* const around = grads + plane * GRAD_PLANE + y * GRAD_WIDTH + x;
    const bool oy_1 = y + 1 < 5;
    const bool iy_m4 = y - 4 >= 0;
    const bool iy_m2 = y - 2 >= 0;
    const bool iy_2 = y + 2 < 5;
    const bool iy_4 = y + 4 < 5;
    const float x0 = own[0];
    const float x1 = oy_1 ? own[1 * STRIDE * WIDTH] : 0.0f;
    float a0 = 0.0f;
    float a1 = 0.0f;
    [[maybe_unused]] float v;
    if (iy_m4) {
      v = around[-3 * GRAD_WIDTH];
      mad(a0, v, w[0]);  mad(d[0], v, x0);
    }
    if (iy_m2) {
      v = around[-2 * GRAD_WIDTH];
      mad(a1, v, w[0]);  mad(d[0], v, x1);  mad(a0, v, w[1]);  mad(d[1], v, x0);
      v = around[-1 * GRAD_WIDTH];
      mad(a1, v, w[1]);  mad(d[1], v, x1);  mad(a0, v, w[2]);  mad(d[2], v, x0);
    }
    v = around[0];
    mad(a1, v, w[2]);  mad(d[2], v, x1);  mad(a0, v, w[3]);  mad(d[3], v, x0);
    add(d[BIAS], v);
    if (iy_2) {
      v = around[1 * GRAD_WIDTH];
      mad(a1, v, w[3]);  mad(d[3], v, x1);  add(d[BIAS], v);  mad(a0, v, w[4]);
      mad(d[4], v, x0);
      v = around[2 * GRAD_WIDTH];
      mad(a1, v, w[4]);  mad(d[4], v, x1);  mad(a0, v, w[5]);  mad(d[5], v, x0);
    }
    if (iy_4) {
      v = around[3 * GRAD_WIDTH];
      mad(a1, v, w[5]);  mad(d[5], v, x1);  mad(a0, v, w[6]);  mad(d[6], v, x0);
      v = around[4 * GRAD_WIDTH];
      mad(a1, v, w[6]);  mad(d[6], v, x1);
    }
    own[0] = a0;
    if (oy_1) own[1 * STRIDE * WIDTH] = a1;
  }
}

// Channels [from, to) of one body.
struct Range {
  int from, to, body;
};

// Comparisons with numbers in the text: a block that had to look its body up in memory would start later.
__device__ __forceinline__ Range range_of(int channel) {
  if (channel < 2) return {0, 2, 0};
  return {2, 4, 1};
}

__device__ __forceinline__ int body_of(int channel) { return range_of(channel).body; }

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[2][BIAS + 1] = {
    {0, 1, 2, 5, 6, 7, 7, 7},
    {0, 1, 2, 3, 4, 5, 6, 7},
};
__device__ constexpr int CENTRE[] = {2, 3};

// The weights that fall on a tap of a channel, `centre` among them; at BIAS, behind the taps, nothing.
__device__ __forceinline__ float folded(const float* weight, float centre, int channel, int tap) {
  if (tap == BIAS) return 0.0f;
  const int body = body_of(channel);
  float sum = tap == CENTRE[body] ? centre : 0.0f;
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 7 + k];
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
    for (int k = FIRST[body][slot]; k < FIRST[body][slot + 1]; ++k) weight_grad[(long long)channel * 7 + k] = sum;
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
    const bool upper = threadIdx.x & 4;
    d[0] = (upper ? d[4] : d[0]) + __shfl_xor_sync(~0u, upper ? d[0] : d[4], 4);
    d[1] = (upper ? d[5] : d[1]) + __shfl_xor_sync(~0u, upper ? d[1] : d[5], 4);
    d[2] = (upper ? d[6] : d[2]) + __shfl_xor_sync(~0u, upper ? d[2] : d[6], 4);
    d[3] = (upper ? d[7] : d[3]) + __shfl_xor_sync(~0u, upper ? d[3] : d[7], 4);
  }
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
  return {block % CHANNELS, block / CHANNELS};
}

}  // namespace

// A block owns one channel and takes its planes in steps. Planes come and go by bulk copies as they lie in memory. A
// thread takes tiles of pixels of x, whose only reader it is, so that dx takes the place of x. Sums of dw stay in
// registers over all tiles, and are added over the block.
extern "C" __global__ void __launch_bounds__(32, 8) backward_nchw_f32_5x8_s1_k7_a157p5_90_c4__cuda_packed_grad_ts8_tl2_nt32_ni2_i4_b0_o0_d2_m8(
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
        part_157p5_0(w, d, pixels, grads, step);
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

extern "C" __global__ void __launch_bounds__(256) backward_nchw_f32_5x8_s1_k7_a157p5_90_c4__cuda_packed_grad_ts8_tl2_nt32_ni2_i4_b0_o0_d2_m8_reduce(
    const float* partial, float* weight_grad, float* bias_grad, int batch) {
  reduce(partial, weight_grad, bias_grad, (batch + IMAGES - 1) / IMAGES);
}

extern "C" __global__ void backward_nchw_f32_5x8_s1_k7_a157p5_90_c4__cuda_packed_grad_ts8_tl2_nt32_ni2_i4_b0_o0_d2_m8_pack(
    const float* weight, const float*, float centre, float* packed) {
  pack(weight, centre, packed);
}

}  // namespace backward_nchw_f32_5x8_s1_k7_a157p5_90_c4__cuda_packed_grad_ts8_tl2_nt32_ni2_i4_b0_o0_d2_m8_code
