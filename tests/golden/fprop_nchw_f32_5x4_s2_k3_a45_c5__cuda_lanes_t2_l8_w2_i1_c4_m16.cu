// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace fprop_nchw_f32_5x4_s2_k3_a45_c5__cuda_lanes_t2_l8_w2_i1_c4_m16_code {
namespace {

constexpr int CHANNELS = 5, HEIGHT = 5, WIDTH = 4, STRIDE = 2;
constexpr int OUT_HEIGHT = 3, OUT_WIDTH = 2;
constexpr int PLANE = HEIGHT * WIDTH, OUT_PLANE = OUT_HEIGHT * OUT_WIDTH;
constexpr long long IMAGE = (long long)CHANNELS * PLANE, OUT_IMAGE = (long long)CHANNELS * OUT_PLANE;
constexpr int THREADS = 64;
// Channels and images of a block; tiles that are computed at a time, each by as many lanes.
constexpr int LANES = 8, IMAGES = 1, TEAMS = THREADS / LANES;
constexpr int PITCH = 21, OUT_PITCH = 7;  // floats from plane to plane in shared memory
constexpr int SET = LANES * PITCH, OUT_SET = LANES * OUT_PITCH;  // and from image to image
constexpr int BIAS = 1;  // row of `packed` behind the weights

// What a thread computes: `images` planes of its channel, each `team`th tile of them.
struct Work {
  const float *packed, *planes;
  float* results;
  unsigned long long* barrier;
  int images, team;
};

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

// Copies from global to shared memory that run beside the thread that starts them, 4, 8 or 16 aligned bytes each. A
// thread closes a group with async_commit(); async_wait<N>() waits for all of its own groups but the latest N. What other
// threads copied shows after a barrier behind their wait. Below sm_80 they are plain loads and stores.
#ifndef O1D_EMULATED  // tests/emulated has its own
template <class Unit>
__device__ __forceinline__ void async_copy(void* shared, const void* global) {
#if __CUDA_ARCH__ >= 800
  const unsigned to = __cvta_generic_to_shared(shared);
  if (sizeof(Unit) == 16)  // past the first-level cache
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(global) : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(to), "l"(global), "n"(sizeof(Unit)) : "memory");
#else
  *static_cast<Unit*>(shared) = *static_cast<const Unit*>(global);
#endif
}

__device__ __forceinline__ void async_copy_4(void* shared, const void* global) { async_copy<float>(shared, global); }
__device__ __forceinline__ void async_copy_8(void* shared, const void* global) { async_copy<float2>(shared, global); }
__device__ __forceinline__ void async_copy_16(void* shared, const void* global) { async_copy<float4>(shared, global); }

__device__ __forceinline__ void async_commit() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <int LATEST>
__device__ __forceinline__ void async_wait() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(LATEST) : "memory");
#endif
}
#endif

// What a thread copies at a time.
using Unit = float;

// Calls f(i) for a thread's share of `count` floats, at most MOST; i is the first of a unit.
template <int MOST, class F>
__device__ __forceinline__ void each_unit(int count, F f) {
  constexpr int UNIT = sizeof(Unit) / sizeof(float);
#pragma unroll 4
  for (int step = 0; step < MOST; step += THREADS * UNIT) {
    const int i = step + threadIdx.x * UNIT;
    if (i < count) f(i);
  }
}

// Starts the copies of a block's planes: of each image, one piece of memory, to planes that lie PITCH apart.
__device__ __forceinline__ void fetch(unsigned long long*, float* planes, const float* input, int channels, int images) {
  for (int image = 0; image < images; ++image)
    each_unit<LANES * PLANE>(channels * PLANE, [=](int i) {
      float* const to = planes + image * SET + i + i / PLANE * (PITCH - PLANE);
      async_copy_4(to, input + image * IMAGE + i);
    });
  async_commit();
}

// Waits for them.
__device__ __forceinline__ void await_planes(unsigned long long*) {
  async_wait<0>();
  __syncthreads();
}

// Copies the block's results out.
__device__ __forceinline__ void put(float* output, const float* results, int channels, int images) {
  __syncthreads();
  for (int image = 0; image < images; ++image)
    each_unit<LANES * OUT_PLANE>(channels * OUT_PLANE, [=](int i) {
      const float* const from = results + image * OUT_SET + i + i / OUT_PLANE * (OUT_PITCH - OUT_PLANE);
      __stcs(reinterpret_cast<Unit*>(output + image * OUT_IMAGE + i), *reinterpret_cast<const Unit*>(from));
    });
}

// 45 degrees: 2 outputs along a line; 2 loads and 2 multiply-adds a tile.
__device__ __forceinline__ void line_45(const Work& work) {
  constexpr int ALONG = 1, TILES = ALONG * 3;
  float w[1];
#pragma unroll
  for (int t = 0; t < 1; ++t) w[t] = __ldg(work.packed + t * CHANNELS);
  const float bias = __ldg(work.packed + BIAS * CHANNELS);
  await_planes(work.barrier);
#pragma unroll 1
  for (int i = work.team; i < work.images * TILES; i += TEAMS) {
    const int image = i / TILES % IMAGES, tile = i - image * TILES;
    const int y = tile / ALONG, x = tile % ALONG * 2;
    const float* const in = work.planes + image * SET + y * STRIDE * WIDTH + x * STRIDE;
    float* const out = work.results + image * OUT_SET + y * OUT_WIDTH + x;
    float a0 = bias, a1 = bias;
    float v;
    v = in[0 * WIDTH + 0];
    mad(a0, v, w[0]);
    v = in[0 * WIDTH + 2];
    mad(a1, v, w[0]);
    out[0 * OUT_WIDTH + 0] = a0;
    out[0 * OUT_WIDTH + 1] = a1;
  }
}

// Chunk i: the channels before TO[i] that no earlier chunk has, of body BODY[i].
__device__ constexpr int TO[] = {5}, BODY[] = {0};

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

// One value a thread: rows of weights [tap][channel], then one of bias.
__device__ __forceinline__ void pack(const float* weight, const float* bias, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, bias, centre, i % CHANNELS, i / CHANNELS);
}

}  // namespace

// Lanes are channels, so that all of a warp is at one place of its planes. A block is a chunk of channels of IMAGES images;
// its planes go through shared memory. Chunks vary fastest, then images.
extern "C" __global__ void __launch_bounds__(64, 16) fprop_nchw_f32_5x4_s2_k3_a45_c5__cuda_lanes_t2_l8_w2_i1_c4_m16(
    const float* __restrict__ input, const float* __restrict__ packed, float* __restrict__ output, int batch) {
  constexpr int CHUNKS = 1;
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
    case 0: line_45(work); break;
  }
  put(output + image * OUT_IMAGE + (long long)first * OUT_PLANE, results, channels, images);
}

extern "C" __global__ void fprop_nchw_f32_5x4_s2_k3_a45_c5__cuda_lanes_t2_l8_w2_i1_c4_m16_pack(const float* weight, const float* bias, float centre, float* packed) {
  pack(weight, bias, centre, packed);
}

}  // namespace fprop_nchw_f32_5x4_s2_k3_a45_c5__cuda_lanes_t2_l8_w2_i1_c4_m16_code
