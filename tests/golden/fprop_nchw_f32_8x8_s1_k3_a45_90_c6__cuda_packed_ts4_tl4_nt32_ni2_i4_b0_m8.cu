// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace fprop_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_ts4_tl4_nt32_ni2_i4_b0_m8_code {
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
  const auto copy = [&](int i) {
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                     (unsigned)__cvta_generic_to_shared(to + i * shared_step)),
                 "l"(from + i * global_step), "r"(bytes), "r"(at)
                 : "memory");
  };
  // The pieces of a whole step follow one another without a test between them.
  if (count == 2) {
#pragma unroll
    for (int i = 0; i < 2; ++i) copy(i);
  } else {
#pragma unroll 1
    for (int i = 0; i < count; ++i) copy(i);
  }
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
  const auto copy = [&](int i) {
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(to + i * global_step),
                 "r"((unsigned)__cvta_generic_to_shared(from + i * shared_step)), "r"(bytes)
                 : "memory");
  };
  // The pieces of a whole step follow one another without a test between them.
  if (count == 2) {
#pragma unroll
    for (int i = 0; i < 2; ++i) copy(i);
  } else {
#pragma unroll 1
    for (int i = 0; i < count; ++i) copy(i);
  }
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

constexpr int CHANNELS = 6, HEIGHT = 8, WIDTH = 8, STRIDE = 1;
constexpr int OUT_HEIGHT = 8, OUT_WIDTH = 8;
constexpr int PLANE = HEIGHT * WIDTH, OUT_PLANE = OUT_HEIGHT * OUT_WIDTH;
constexpr long long IMAGE = (long long)CHANNELS * PLANE, OUT_IMAGE = (long long)CHANNELS * OUT_PLANE;
constexpr int THREADS = 32;
constexpr int IMAGES = 4, PLANES = 2;  // images a block, and how many of them at a time
constexpr int BIAS = 3, ROW = 4;  // in `packed`: a channel's bias behind its weights, its values in whole fours

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// Between two ifs with the same condition: in one they would be long enough for a branch, apart they cost a predicate.
__device__ __forceinline__ void apart() { asm volatile(""); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

// A step takes PLANES images, or those that are left. Its tiles are always those of PLANES planes: what they compute
// beyond the last image goes nowhere.
struct Step {
  int first, planes;
};

__device__ __forceinline__ int step_count(int images) { return IMAGES == PLANES ? 1 : (images + PLANES - 1) / PLANES; }

__device__ __forceinline__ Step step_of(int i, int images, int) {
  return {i * PLANES, min(PLANES, images - i * PLANES)};
}

__device__ __forceinline__ void fetch(unsigned long long* barrier, float* planes, const float* input, Step step) {
  async_bulk_copy(barrier, planes, input + step.first * IMAGE, 4 * PLANE, step.planes, 4 * PLANE, 4 * IMAGE);
}

__device__ __forceinline__ void put(float* output, const float* planes, Step step) {
  async_bulk_store(output + step.first * OUT_IMAGE, planes, 4 * OUT_PLANE, step.planes, 4 * OUT_PLANE, 4 * OUT_IMAGE);
}

// 45 degrees: 4 outputs along a line; 4 loads and 4 multiply-adds a tile.
__device__ __forceinline__ void line_45(const float (&w)[ROW], const float* __restrict__ input,
                                    float* __restrict__ output, Step) {
  constexpr int TILES_ALONG = 2, TILES_ACROSS = 8, TILES = TILES_ALONG * TILES_ACROSS;
  const float bias = w[BIAS];
#pragma unroll 1
  for (int i = threadIdx.x; i < TILES * PLANES; i += THREADS) {
    // Neighbouring lanes have neighbouring columns, so that they meet no bank twice.
    const int plane = i / TILES, tile = i % TILES, along = tile % TILES_ALONG, across = tile / TILES_ALONG;
    const int y = across, x = along * 4;
    const float* const in = input + plane * PLANE + y * STRIDE * WIDTH + x * STRIDE;
    float* const out = output + plane * OUT_PLANE + y * OUT_WIDTH + x;
    float a0 = bias, a1 = bias, a2 = bias, a3 = bias;
    float v;
    v = in[0];
    mad(a0, v, w[0]);
    v = in[1];
    mad(a1, v, w[0]);
    v = in[2];
    mad(a2, v, w[0]);
    v = in[3];
    mad(a3, v, w[0]);
    out[0] = a0;
    out[1] = a1;
    out[2] = a2;
    out[3] = a3;
  }
}

// 90 degrees: 4 outputs along a line; 6 loads and 12 multiply-adds a tile.
__device__ __forceinline__ void line_90(const float (&w)[ROW], const float* __restrict__ input,
                                    float* __restrict__ output, Step) {
  constexpr int TILES_ALONG = 2, TILES_ACROSS = 8, TILES = TILES_ALONG * TILES_ACROSS;
  const float bias = w[BIAS];
#pragma unroll 1
  for (int i = threadIdx.x; i < TILES * PLANES; i += THREADS) {
    // Neighbouring lanes have neighbouring columns, so that they meet no bank twice.
    const int along = i / (PLANES * TILES_ACROSS), plane = i / TILES_ACROSS % PLANES, across = i % TILES_ACROSS;
    const int y = along * 4, x = across;
    const float* const in = input + plane * PLANE + y * STRIDE * WIDTH + x * STRIDE;
    float* const out = output + plane * OUT_PLANE + y * OUT_WIDTH + x;
    const bool iy_m4 = y - 4 >= 0;
    const bool iy_7 = y + 7 < 8;
    float a0 = bias, a1 = bias, a2 = bias, a3 = bias;
    float v;
    if (iy_m4) {
      v = in[-WIDTH];
      mad(a0, v, w[2]);
    }
    v = in[0];
    mad(a0, v, w[1]);  mad(a1, v, w[2]);
    v = in[WIDTH];
    mad(a0, v, w[0]);  mad(a1, v, w[1]);  mad(a2, v, w[2]);
    v = in[2 * WIDTH];
    mad(a1, v, w[0]);  mad(a2, v, w[1]);  mad(a3, v, w[2]);
    v = in[3 * WIDTH];
    mad(a2, v, w[0]);  mad(a3, v, w[1]);
    if (iy_7) {
      v = in[4 * WIDTH];
      mad(a3, v, w[0]);
    }
    out[0] = a0;
    out[OUT_WIDTH] = a1;
    out[2 * OUT_WIDTH] = a2;
    out[3 * OUT_WIDTH] = a3;
  }
}

// Chunk i: the channels before TO[i] that no earlier chunk has, of body BODY[i].
__device__ constexpr int TO[] = {3, 6}, BODY[] = {0, 1};

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[2][BIAS + 1] = {
    {0, 3, 3, 3},
    {0, 1, 2, 3},
};
__device__ constexpr int CENTRE[] = {0, 1};

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

// One value a thread: a row for each channel.
__device__ __forceinline__ void pack(const float* weight, const float* bias, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i / ROW < CHANNELS) packed[i] = i % ROW <= BIAS ? folded(weight, bias, centre, i / ROW, i % ROW) : 0.0f;
}

}  // namespace

// A block owns one channel and takes its planes in steps; channels vary fastest, then images. Planes come and go by
// bulk copies as they lie in memory, and neighbouring lanes take neighbouring tiles. Many small blocks a multiprocessor
// hide one another's copies, so that each has one buffer in and one out.
extern "C" __global__ void __launch_bounds__(32, 8) fprop_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_ts4_tl4_nt32_ni2_i4_b0_m8(
    const float* __restrict__ input, const float* __restrict__ packed, float* __restrict__ output, int batch) {
  extern __shared__ __align__(128) float shared[];
  __shared__ unsigned long long barrier;
  float* const results = shared + 128;
  const int channel = blockIdx.x % CHANNELS, image = blockIdx.x / CHANNELS * IMAGES;
  const float* const x = input + image * IMAGE + (long long)channel * PLANE;
  float* const y = output + image * OUT_IMAGE + (long long)channel * OUT_PLANE;
  const int body = body_of(channel), images = min(IMAGES, batch - image), steps = step_count(images);
  async_bulk_init(&barrier, 1);
  fetch(&barrier, shared, x, step_of(0, images, body));
  float w[ROW];
#pragma unroll
  for (int t = 0; t < ROW; t += 4) {
    const float4 four = __ldg(reinterpret_cast<const float4*>(packed + (long long)channel * ROW + t));
    w[t] = four.x, w[t + 1] = four.y, w[t + 2] = four.z, w[t + 3] = four.w;
  }
#pragma unroll 1
  for (int i = 0; i < steps; ++i) {
    const Step step = step_of(i, images, body);
    async_bulk_wait(&barrier, i % 2);
    switch (body) {
      case 0: line_45(w, shared, results, step); break;
      case 1: line_90(w, shared, results, step); break;
    }
    put(y, results, step);
    if (i + 1 < steps) fetch(&barrier, shared, x, step_of(i + 1, images, body));
    async_bulk_store_wait();
  }
}

extern "C" __global__ void fprop_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_ts4_tl4_nt32_ni2_i4_b0_m8_pack(
    const float* weight, const float* bias, float centre, float* packed) {
  pack(weight, bias, centre, packed);
}

}  // namespace fprop_nchw_f32_8x8_s1_k3_a45_90_c6__cuda_packed_ts4_tl4_nt32_ni2_i4_b0_m8_code
