// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace fprop_nchw_f32_3x3_s1_k5_a0_22p5_c16__cuda_lanes_t3_l8_w2_i2_c0_m16_code {
namespace {

constexpr int CHANNELS = 16, HEIGHT = 3, WIDTH = 3, STRIDE = 1;
constexpr int OUT_HEIGHT = 3, OUT_WIDTH = 3;
constexpr int PLANE = HEIGHT * WIDTH, OUT_PLANE = OUT_HEIGHT * OUT_WIDTH;
constexpr long long IMAGE = (long long)CHANNELS * PLANE, OUT_IMAGE = (long long)CHANNELS * OUT_PLANE;
constexpr int THREADS = 64;
// Channels and images of a block; tiles that are computed at a time, each by as many lanes.
constexpr int LANES = 8, IMAGES = 2, TEAMS = THREADS / LANES;
constexpr int PITCH = 9, OUT_PITCH = 9;  // floats from plane to plane in shared memory
constexpr int SET = LANES * PITCH, OUT_SET = LANES * OUT_PITCH;  // and from image to image
constexpr int BIAS = 5;  // row of `packed` behind the weights

// What a thread computes: `images` planes of its channel, each `team`th tile of them.
struct Work {
  const float *packed, *planes;
  float* results;
  unsigned long long* barrier;
  int images, team;
};

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

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
#endif

// Starts the copy of a block's planes: of each image, one piece of memory.
__device__ __forceinline__ void fetch(unsigned long long* barrier, float* planes, const float* input, int channels,
                                      int images) {
  async_bulk_init(barrier, 1);
  async_bulk_copy(barrier, planes, input, channels * PLANE * 4, images, SET * 4, IMAGE * 4);
}

// Waits for it.
__device__ __forceinline__ void await_planes(unsigned long long* barrier) { async_bulk_wait(barrier, 0); }

// Copies the block's results out.
__device__ __forceinline__ void put(float* output, const float* results, int channels, int images) {
  async_bulk_store(output, results, channels * OUT_PLANE * 4, images, OUT_SET * 4, OUT_IMAGE * 4);
  async_bulk_store_wait();
}

// 0 degrees: 3 outputs along a line; 3 loads and 9 multiply-adds a tile.
__device__ __forceinline__ void line_0(const Work& work) {
  constexpr int ALONG = 1, TILES = ALONG * 3;
  float w[5];
#pragma unroll
  for (int t = 0; t < 5; ++t) w[t] = __ldg(work.packed + t * CHANNELS);
  const float bias = __ldg(work.packed + BIAS * CHANNELS);
  await_planes(work.barrier);
#pragma unroll 1
  for (int i = work.team; i < work.images * TILES; i += TEAMS) {
    const int image = i / TILES % IMAGES, tile = i - image * TILES;
    const int y = tile / ALONG, x = tile % ALONG * 3;
    const float* const in = work.planes + image * SET + y * STRIDE * WIDTH + x * STRIDE;
    float* const out = work.results + image * OUT_SET + y * OUT_WIDTH + x;
    float a0 = bias, a1 = bias, a2 = bias;
    float v;
    v = in[0 * WIDTH + 0];
    mad(a2, v, w[0]);  mad(a1, v, w[1]);  mad(a0, v, w[2]);
    v = in[0 * WIDTH + 1];
    mad(a2, v, w[1]);  mad(a1, v, w[2]);  mad(a0, v, w[3]);
    v = in[0 * WIDTH + 2];
    mad(a2, v, w[2]);  mad(a1, v, w[3]);  mad(a0, v, w[4]);
    out[0 * OUT_WIDTH + 0] = a0;
    out[0 * OUT_WIDTH + 1] = a1;
    out[0 * OUT_WIDTH + 2] = a2;
  }
}

// 22.5 degrees: 3 outputs along a line; 3 loads and 7 multiply-adds a tile.
__device__ __forceinline__ void line_22p5(const Work& work) {
  constexpr int ALONG = 1, TILES = ALONG * 3;
  float w[3];
#pragma unroll
  for (int t = 0; t < 3; ++t) w[t] = __ldg(work.packed + t * CHANNELS);
  const float bias = __ldg(work.packed + BIAS * CHANNELS);
  await_planes(work.barrier);
#pragma unroll 1
  for (int i = work.team; i < work.images * TILES; i += TEAMS) {
    const int image = i / TILES % IMAGES, tile = i - image * TILES;
    const int y = tile / ALONG, x = tile % ALONG * 3;
    const float* const in = work.planes + image * SET + y * STRIDE * WIDTH + x * STRIDE;
    float* const out = work.results + image * OUT_SET + y * OUT_WIDTH + x;
    float a0 = bias, a1 = bias, a2 = bias;
    float v;
    v = in[0 * WIDTH + 0];
    mad(a1, v, w[0]);  mad(a0, v, w[1]);
    v = in[0 * WIDTH + 1];
    mad(a2, v, w[0]);  mad(a1, v, w[1]);  mad(a0, v, w[2]);
    v = in[0 * WIDTH + 2];
    mad(a2, v, w[1]);  mad(a1, v, w[2]);
    out[0 * OUT_WIDTH + 0] = a0;
    out[0 * OUT_WIDTH + 1] = a1;
    out[0 * OUT_WIDTH + 2] = a2;
  }
}

// Chunk i: the channels before TO[i] that no earlier chunk has, of body BODY[i].
__device__ constexpr int TO[] = {8, 16}, BODY[] = {0, 1};

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[2][BIAS + 1] = {
    {0, 1, 2, 3, 4, 5},
    {0, 1, 4, 5, 5, 5},
};
__device__ constexpr int CENTRE[] = {2, 1};

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
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 5 + k];
  return sum;
}

// The first channel of each chunk.
__device__ constexpr int FROM[] = {0, 8};

// One value a thread: rows of weights [tap][channel], then one of bias.
__device__ __forceinline__ void pack(const float* weight, const float* bias, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, bias, centre, i % CHANNELS, i / CHANNELS);
}

}  // namespace

// Lanes are channels, so that all of a warp is at one place of its planes. A block is a chunk of channels of IMAGES images;
// its planes go through shared memory. Chunks vary fastest, then images.
extern "C" __global__ void __launch_bounds__(64, 16) fprop_nchw_f32_3x3_s1_k5_a0_22p5_c16__cuda_lanes_t3_l8_w2_i2_c0_m16(
    const float* __restrict__ input, const float* __restrict__ packed, float* __restrict__ output, int batch) {
  constexpr int CHUNKS = 2;
  extern __shared__ __align__(16) float shared[];
  __shared__ unsigned long long barrier;
  float* const results = shared + IMAGES * SET;
  const int chunk = blockIdx.x % CHUNKS, image = blockIdx.x / CHUNKS * IMAGES, images = min(IMAGES, batch - image);
  const int first = FROM[chunk], channels = TO[chunk] - first;
  const int lane = threadIdx.x % LANES, team = threadIdx.x / LANES;
  fetch(&barrier, shared, input + image * IMAGE + (long long)first * PLANE, channels, images);
  const Work work{
      packed + first + min(lane, channels - 1),
      shared + lane * PITCH,
      results + lane * OUT_PITCH,
      &barrier,
      lane < channels ? images : 0,
      team,
  };
  switch (BODY[chunk]) {
    case 0: line_0(work); break;
    case 1: line_22p5(work); break;
  }
  put(output + image * OUT_IMAGE + (long long)first * OUT_PLANE, results, channels, images);
}

extern "C" __global__ void fprop_nchw_f32_3x3_s1_k5_a0_22p5_c16__cuda_lanes_t3_l8_w2_i2_c0_m16_pack(const float* weight, const float* bias, float centre, float* packed) {
  pack(weight, bias, centre, packed);
}

}  // namespace fprop_nchw_f32_3x3_s1_k5_a0_22p5_c16__cuda_lanes_t3_l8_w2_i2_c0_m16_code
