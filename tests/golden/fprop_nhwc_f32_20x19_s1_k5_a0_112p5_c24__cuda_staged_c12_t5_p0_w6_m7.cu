// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace fprop_nhwc_f32_20x19_s1_k5_a0_112p5_c24__cuda_staged_c12_t5_p0_w6_m7_code {

// One box of a tensor [image][y][x][channel], which the copy engine fetches beside the threads; what of it lies outside of
// the tensor arrives as zeros. All threads of the block call both of these, once. The barrier is 8 bytes of shared memory, the
// box starts at a multiple of 128. From sm_90 on.
#ifndef O1D_EMULATED  // tests/emulated has its own
struct alignas(64) TensorMap {  // cuda.h's CUtensorMap
  unsigned char opaque[128];
};

__device__ __forceinline__ void async_box_copy(unsigned long long* barrier, void* shared, int bytes, const TensorMap* map,
                                               int channel, int x, int y, int image) {
  if (threadIdx.x != 0) return;
  const unsigned at = __cvta_generic_to_shared(barrier), to = __cvta_generic_to_shared(shared);
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(at) : "memory");
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"(bytes) : "memory");
  asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.tile.mbarrier::complete_tx::bytes\n"
      "  [%0], [%1, {%2, %3, %4, %5}], [%6];" ::"r"(to),
      "l"(map), "r"(channel), "r"(x), "r"(y), "r"(image), "r"(at)
      : "memory");
}

__device__ __forceinline__ void async_box_wait(unsigned long long* barrier) {
  __syncthreads();  // thread 0 has made the barrier
  const unsigned at = __cvta_generic_to_shared(barrier);
  asm volatile(
      "{\n"
      "  .reg .pred done;\n"
      "again:\n"
      "  mbarrier.try_wait.parity.shared::cta.b64 done, [%0], 0;\n"
      "  @!done bra again;\n"
      "}\n" ::"r"(at)
      : "memory");
}
#endif

namespace {

constexpr int CHANNELS = 24, HEIGHT = 20, WIDTH = 19;
constexpr int SLAB = 12;        // channels of a block
constexpr int TEAM = 3;        // warps that share lines, so that no lane is idle
constexpr int LINES = 32 * TEAM / SLAB;  // neighbouring lines of a team
constexpr int TEAMS = 2;
// Steps from pixel to pixel and from row to row in shared memory, and in the output.
constexpr int COLUMN = SLAB, ROW = 21 * COLUMN;
constexpr int OUT_COLUMN = CHANNELS, OUT_ROW = WIDTH * OUT_COLUMN;
constexpr int BIAS = 5;  // row of `packed` behind the weights

#ifndef O1D_EMULATED  // tests/emulated has its own
// A place in shared memory, in 32 bits that the compiler cannot look into: it would add up indices of floats, and make an
// address of every sum.
__device__ __forceinline__ unsigned shared_at(const float* place) {
  unsigned at = __cvta_generic_to_shared(place);
  asm("" : "+r"(at));
  return at;
}

__device__ __forceinline__ const float* place_at(unsigned shared) {
  return static_cast<const float*>(__cvta_shared_to_generic(shared));
}
#endif

// A line of what lies at `in`, found with one multiplication.
__device__ __forceinline__ const float* line_at(unsigned in, unsigned line, int step) {
  return place_at(in + line * unsigned(step * sizeof(float)));
}

// A line outside of the plane is moved to the zeros behind it.
__device__ __forceinline__ unsigned moved(int line, int size) { return min(unsigned(line), unsigned(size)); }

__device__ __forceinline__ bool inside(int line, int size) { return unsigned(line) < unsigned(size); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

// 0 degrees: 4 outputs along a line; 8 loads and 20 multiply-adds a tile.
__device__ __forceinline__ void line_0(
    const float* plane, const float (&w)[BIAS], float bias, float* __restrict__ output, int group, int team) {
  constexpr int TILES = 5, GROUPS = 3;  // tiles a line; groups of LINES lines
#pragma unroll 1
  for (int task = team; task < TILES * GROUPS; task += TEAMS) {
    const int along = task % TILES, line = task / TILES * LINES + group;
    const unsigned in = shared_at(plane + along * (4 * COLUMN));
    float* const out = output + line * OUT_ROW + along * (4 * OUT_COLUMN);
    float a0 = bias, a1 = bias, a2 = bias, a3 = bias;
    float v;
    if (along >= 1) {
      const float* const r_0 = line_at(in, moved(line, HEIGHT), ROW);
      v = r_0[-2 * COLUMN];
      mad(a0, v, w[0]);
      v = r_0[-1 * COLUMN];
      mad(a1, v, w[0]);  mad(a0, v, w[1]);
    }
    {
      const float* const r_0 = line_at(in, moved(line, HEIGHT), ROW);
      v = r_0[0 * COLUMN];
      mad(a2, v, w[0]);  mad(a1, v, w[1]);  mad(a0, v, w[2]);
      v = r_0[1 * COLUMN];
      mad(a3, v, w[0]);  mad(a2, v, w[1]);  mad(a1, v, w[2]);  mad(a0, v, w[3]);
      v = r_0[2 * COLUMN];
      mad(a3, v, w[1]);  mad(a2, v, w[2]);  mad(a1, v, w[3]);  mad(a0, v, w[4]);
      v = r_0[3 * COLUMN];
      mad(a3, v, w[2]);  mad(a2, v, w[3]);  mad(a1, v, w[4]);
    }
    if (along < TILES - 1) {
      const float* const r_0 = line_at(in, moved(line, HEIGHT), ROW);
      v = r_0[4 * COLUMN];
      mad(a3, v, w[3]);  mad(a2, v, w[4]);
      v = r_0[5 * COLUMN];
      mad(a3, v, w[4]);
    }
    const bool o_0 = inside(line, HEIGHT);
    if (o_0) out[0 * OUT_ROW + 0 * OUT_COLUMN] = a0;
    if (o_0) out[0 * OUT_ROW + 1 * OUT_COLUMN] = a1;
    if (o_0) out[0 * OUT_ROW + 2 * OUT_COLUMN] = a2;
    if (o_0 && along < TILES - 1) out[0 * OUT_ROW + 3 * OUT_COLUMN] = a3;
  }
}

// 112.5 degrees: 4 outputs along a line; 6 loads and 12 multiply-adds a tile.
__device__ __forceinline__ void line_112p5(
    const float* plane, const float (&w)[BIAS], float bias, float* __restrict__ output, int group, int team) {
  constexpr int TILES = 5, GROUPS = 3;  // tiles a line; groups of LINES lines
#pragma unroll 1
  for (int task = team; task < TILES * GROUPS; task += TEAMS) {
    const int along = task % TILES, line = task / TILES * LINES + group;
    const unsigned in = shared_at(plane + along * (4 * ROW));
    float* const out = output + line * OUT_COLUMN + along * (4 * OUT_ROW);
    float a0 = bias, a1 = bias, a2 = bias, a3 = bias;
    float v;
    if (along >= 1) {
      const float* const r_0 = line_at(in, moved(line, WIDTH), COLUMN);
      v = r_0[-1 * ROW];
      mad(a0, v, w[2]);
    }
    {
      const float* const r_0 = line_at(in, moved(line, WIDTH), COLUMN);
      v = r_0[0 * ROW];
      mad(a0, v, w[1]);  mad(a1, v, w[2]);
      v = r_0[1 * ROW];
      mad(a0, v, w[0]);  mad(a1, v, w[1]);  mad(a2, v, w[2]);
      v = r_0[2 * ROW];
      mad(a1, v, w[0]);  mad(a2, v, w[1]);  mad(a3, v, w[2]);
      v = r_0[3 * ROW];
      mad(a2, v, w[0]);  mad(a3, v, w[1]);
    }
    if (along < TILES - 1) {
      const float* const r_0 = line_at(in, moved(line, WIDTH), COLUMN);
      v = r_0[4 * ROW];
      mad(a3, v, w[0]);
    }
    const bool o_0 = inside(line, WIDTH);
    if (o_0) out[0 * OUT_COLUMN + 0 * OUT_ROW] = a0;
    if (o_0) out[0 * OUT_COLUMN + 1 * OUT_ROW] = a1;
    if (o_0) out[0 * OUT_COLUMN + 2 * OUT_ROW] = a2;
    if (o_0) out[0 * OUT_COLUMN + 3 * OUT_ROW] = a3;
  }
}

// Chunk i: the channels before TO[i] that no earlier chunk has, of body BODY[i].
__device__ constexpr int TO[] = {12, 24}, BODY[] = {0, 1};

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

}  // namespace

// A block takes SLAB channels of one image; those of an image are neighbours. The copy engine lays their plane in shared
// memory as [row][column][channel], with zeros behind the rows and columns. Threads of a team are channels, of LINES lines each.
// Across lines, places outside of the plane are moved to the zeros; along them, one test serves all loads that lie in the
// same tile: a load is one instruction with a constant offset.
extern "C" __global__ void __launch_bounds__(192, 7) fprop_nhwc_f32_20x19_s1_k5_a0_112p5_c24__cuda_staged_c12_t5_p0_w6_m7(
    const float*, const float* __restrict__ packed, float* __restrict__ output, int, const __grid_constant__ TensorMap map) {
  extern __shared__ __align__(128) unsigned char shared[];
  constexpr int SLABS = 2;
  const int slab = blockIdx.x % SLABS, image = blockIdx.x / SLABS;
  unsigned long long* const barrier = reinterpret_cast<unsigned long long*>(shared + 21248);
  async_box_copy(barrier, shared, 21 * ROW * sizeof(float), &map, slab * SLAB, 0, 0, image);
  const int lane = threadIdx.x % SLAB, group = threadIdx.x % (32 * TEAM) / SLAB, channel = slab * SLAB + lane;
  const int team = __shfl_sync(~0u, threadIdx.x / (32 * TEAM), 0);  // the compiler sees then that lanes agree on it
  float w[BIAS];
#pragma unroll
  for (int t = 0; t < BIAS; ++t) w[t] = __ldg(packed + t * CHANNELS + channel);
  const float bias = __ldg(packed + BIAS * CHANNELS + channel);
  const float* const plane = reinterpret_cast<const float*>(shared) + lane;
  float* const y = output + image * (long long)(HEIGHT * WIDTH) * CHANNELS + channel;
  async_box_wait(barrier);
  switch (BODY[slab]) {
    case 0: return line_0(plane, w, bias, y, group, team);
    case 1: return line_112p5(plane, w, bias, y, group, team);
  }
}

extern "C" __global__ void fprop_nhwc_f32_20x19_s1_k5_a0_112p5_c24__cuda_staged_c12_t5_p0_w6_m7_pack(
    const float* weight, const float* bias, float centre, float* packed) {
  // One value a thread: rows of weights [tap][channel], then one of bias.
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, bias, centre, i % CHANNELS, i / CHANNELS);
}

}  // namespace fprop_nhwc_f32_20x19_s1_k5_a0_112p5_c24__cuda_staged_c12_t5_p0_w6_m7_code
