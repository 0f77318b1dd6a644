// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace fprop_nhwc_f32_4x5_s1_k5_a157p5_c32__cuda_ring_c32_t2_nw1_m16_i3_b2_d2_code {

// Barriers of shared memory, 8 bytes each, and boxes of a tensor [image][y][x][channel] that the copy engine fetches; what of
// them lies outside of the tensor arrives as zeros. A phase of a barrier ends when `count` threads have arrived and all bytes
// have come that they announced. Waiting for parity 0, 1, 0, .. in turn waits for one phase after the other. From sm_90 on.
#ifndef O1D_EMULATED  // tests/emulated has its own
struct alignas(64) TensorMap {  // cuda.h's CUtensorMap
  unsigned char opaque[128];
};

// By one thread; others see the barrier behind the block's next barrier.
__device__ __forceinline__ void phase_init(unsigned long long* barrier, int count) {
  const unsigned at = __cvta_generic_to_shared(barrier);
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(at), "r"(count) : "memory");
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ __forceinline__ void phase_arrive(unsigned long long* barrier) {
  const unsigned at = __cvta_generic_to_shared(barrier);
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(at) : "memory");
}

__device__ __forceinline__ void phase_wait(unsigned long long* barrier, int parity) {
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
}

// Arrives at the barrier, and lets a box of so many bytes arrive there. It goes to a multiple of 128 bytes.
__device__ __forceinline__ void phase_fetch(unsigned long long* barrier, void* shared, int bytes, const TensorMap* map,
                                            int channel, int x, int y, int image) {
  const unsigned at = __cvta_generic_to_shared(barrier), to = __cvta_generic_to_shared(shared);
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"(bytes) : "memory");
  asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.tile.mbarrier::complete_tx::bytes\n"
      "  [%0], [%1, {%2, %3, %4, %5}], [%6];" ::"r"(to),
      "l"(map), "r"(channel), "r"(x), "r"(y), "r"(image), "r"(at)
      : "memory");
}

// Lets a box come as near as the second-level cache.
__device__ __forceinline__ void box_prefetch(const TensorMap* map, int channel, int x, int y, int image) {
  asm volatile("cp.async.bulk.prefetch.tensor.4d.L2.global.tile [%0, {%1, %2, %3, %4}];" ::"l"(map), "r"(channel), "r"(x),
               "r"(y), "r"(image)
               : "memory");
}
#endif

namespace {

constexpr int CHANNELS = 32, HEIGHT = 4, WIDTH = 5;
constexpr int SLAB = 32, SLABS = CHANNELS / SLAB;  // channels of a block, and blocks of an image
constexpr int THREADS = 64, WARPS = 1;  // of a block; its warps that compute
constexpr int LINES = 32 / SLAB;  // neighbouring lines of a warp
constexpr int IMAGES = 3;  // images a block
// Steps from pixel to pixel and from row to row in shared memory, and in tensors.
constexpr int COLUMN = SLAB, ROW = 7 * COLUMN;
constexpr int OUT_COLUMN = CHANNELS, OUT_ROW = WIDTH * OUT_COLUMN, IMAGE = HEIGHT * OUT_ROW;
constexpr int BANDS = 2, BAND_ROWS = 2, BAND_BYTES = 1792;  // bands of a plane
constexpr int DEPTH = 2, HELD = DEPTH * BANDS;  // planes in shared memory, or on their way there; their bands
constexpr int PLANE = 1120;  // of shared memory
constexpr int BIAS = 3;  // row of `packed` behind the weights

// A block's slab of channels, and its group of IMAGES images.
struct Task {
  int slab, group;
};

// The first of its channels and of its images, and how many images.
struct Work {
  int channel, image, images;
};

// What a thread does: its channel's planes, its first image's pixels of output, and of a warp's lines its own.
struct Place {
  const float* planes;
  float* output;
  int warp, line;
};

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

// A place in a tensor that the compiler cannot look into either: it would hold what pixels are apart in registers, 64 bits each.
template <typename T>
__device__ __forceinline__ T* settled(T* place) {
  asm("" : "+l"(place));
  return place;
}
#endif

// A line of what lies at `in`, found with one multiplication.
__device__ __forceinline__ const float* line_at(unsigned in, unsigned line, int step) {
  return place_at(in + line * unsigned(step * sizeof(float)));
}

// A line outside of the plane is moved to the zeros behind it.
__device__ __forceinline__ unsigned moved(int line, int size) { return min(unsigned(line), unsigned(size)); }

__device__ __forceinline__ bool inside(int line, int size) { return unsigned(line) < unsigned(size); }

// Where all lines that a warp's tile meets are inside, none has to be moved or tested.
template <bool INNER>
__device__ __forceinline__ unsigned moved(int line, int size) {
  if constexpr (INNER) return line;
  return moved(line, size);
}

template <bool INNER>
__device__ __forceinline__ bool inside(int line, int size) { return INNER || inside(line, size); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

// Channels [from, to) of one body.
struct Range {
  int from, to, body;
};

// Comparisons with numbers in the text: a block that had to look its body up in memory would start later.
__device__ __forceinline__ Range range_of(int channel) {
  return {0, 32, 0};
}

__device__ __forceinline__ int body_of(int channel) { return range_of(channel).body; }

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[1][BIAS + 1] = {
    {0, 1, 4, 5},
};
__device__ constexpr int CENTRE[] = {1};

// The weights that fall on a tap of a channel, `centre` among them; behind the taps, at BIAS, its bias.
__device__ __forceinline__ float folded(const float* weight, const float* bias, float centre, int channel, int tap) {
  if (tap == BIAS) return bias ? bias[channel] : 0.0f;
  const int body = body_of(channel);
  float sum = tap == CENTRE[body] ? centre : 0.0f;
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 5 + k];
  return sum;
}

// One value a thread: rows of weights [tap][channel], then one of bias.
__device__ __forceinline__ void pack(const float* weight, const float* bias, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, bias, centre, i % CHANNELS, i / CHANNELS);
}

__device__ __forceinline__ Task task_of(int block, int groups) {
  return {block % SLABS, block / SLABS};
}

// What a warp needs to know of its block's bands.
struct Bands {
  unsigned long long* full;  // of each band's place: a phase an image, which ends when its rows are there
  unsigned long long* empty;  // likewise, when every warp has left it
  const TensorMap* map;
  float* planes;
  const Work* work;  // in shared memory: it is seldom asked for, and registers are dear
};

// Bands are numbered over images: the i-th one's start at i * BANDS, and the places of HELD of them are there.
__device__ __forceinline__ int band_of(int row) { return min(max(row, 0), HEIGHT - 1) / BAND_ROWS; }

// By one thread, when all warps have left the rows that an image before has there.
__device__ __forceinline__ void fetch_band(const Bands& bands, Work work, int band) {
  const int at = band % BANDS, place = band % HELD;
  phase_fetch(bands.full + place, bands.planes + place / BANDS * PLANE + at * (BAND_ROWS * ROW), BAND_BYTES, bands.map,
              work.channel, 0, at * BAND_ROWS, work.image + band / BANDS);
}

// What the block that is likely to follow on this multiprocessor starts with, if it is an H100's, which has so many at a time.
__device__ __forceinline__ void prefetch_next(const Bands& bands, int first, int count) {
  const unsigned next = blockIdx.x + 2112;
  if (next >= gridDim.x) return;
  const Task task = task_of(next, gridDim.x / SLABS);
  for (int at = first; at < first + count; ++at)
    box_prefetch(bands.map, task.slab * SLAB, 0, at * BAND_ROWS, task.group * IMAGES);
}

// What the last warp does: it fetches every band as soon as all others have left it.
__device__ __forceinline__ void produce(const Bands& bands) {
  if (threadIdx.x % 32 == 0) {
#pragma unroll 1
    for (int band = 0; band < bands.work->images * BANDS; ++band) {
      if (band >= HELD) phase_wait(bands.empty + band % HELD, (band / HELD - 1) % 2);
      fetch_band(bands, *bands.work, band);
    }
    prefetch_next(bands, 0, BANDS);
  }
  __syncwarp();
}

// How far a warp has come: it meets bands in order, waits for each and leaves each.
struct Progress {
  int ready, left;  // the bands before these
  int ready_place, ready_parity, left_place;  // where the next ones are: counted, since divisions take long
};

// Those before `end`, whose places the warp has left: end <= left + HELD.
__device__ __forceinline__ void await_bands(const Bands& bands, Progress& at, int end) {
#pragma unroll 1
  for (; at.ready < end; ++at.ready) {
    phase_wait(bands.full + at.ready_place, at.ready_parity);
    if (++at.ready_place == HELD) at.ready_place = 0, at.ready_parity ^= 1;
  }
}

__device__ __forceinline__ void leave_bands(const Bands& bands, Progress& at, int end) {
#pragma unroll 1
  for (; at.left < end; ++at.left) {
    if (at.left == at.ready) {
      // One that the warp does not read: else it could be counted for an image before. All lanes wait before one leaves,
      // or a later image's rows might come meanwhile.
      await_bands(bands, at, at.left + 1);
      __syncwarp();
    }
    const int place = at.left_place;
    if (++at.left_place == HELD) at.left_place = 0;
    if (threadIdx.x % 32 != 0) continue;
    phase_arrive(bands.empty + place);
  }
}

// 157.5 degrees: 3 outputs along a line; 5 loads and 9 multiply-adds a tile.
__device__ __forceinline__ void line_157p5(
    const float (&w)[BIAS], float bias, const Place& place, const Bands& bands) {
  // Tiles a line, in runs of neighbours; groups of LINES lines. A run is a task, of which a warp takes every WARPS-th over all images.
  constexpr int TILES = 2, RUN = 1, RUNS = TILES / RUN, GROUPS = 4, TASKS = RUNS * GROUPS, LENGTH = 3;
  constexpr bool INNER = true;
  const int images = bands.work->images;
  const unsigned planes = shared_at(place.planes);
  Progress at{0, 0, 0, 0, 0};
  int image = place.warp / TASKS;
  unsigned task = place.warp % TASKS;
  const auto go_on = [&] {
    image += WARPS / TASKS;
    task += WARPS % TASKS;
    if (task >= unsigned(TASKS)) task -= TASKS, ++image;
  };
#pragma unroll 1
  for (; image < images; go_on()) {
    int along = task % RUNS * RUN;
    const int end = along + RUN, line = task / RUNS * LINES + place.line;
    unsigned in = planes + (image % DEPTH * PLANE + along * (LENGTH * COLUMN)) * unsigned(sizeof(float));
    int offset = image * IMAGE + line * OUT_ROW + along * (LENGTH * OUT_COLUMN);
    leave_bands(bands, at, image * BANDS + band_of(task / RUNS * LINES));
    await_bands(bands, at, image * BANDS + band_of(task / RUNS * LINES + LINES - 1) + 1);
#pragma unroll 1
    do {
      float* const out = settled(place.output + offset);
      float a0 = bias, a1 = bias, a2 = bias;
      float v;
      if (along >= 1) {
        const float* const r_0 = line_at(in, moved<INNER>(line, HEIGHT), ROW);
        v = r_0[-1 * COLUMN];
        mad(a0, v, w[2]);
      }
      {
        const float* const r_0 = line_at(in, moved<INNER>(line, HEIGHT), ROW);
        v = r_0[0 * COLUMN];
        mad(a0, v, w[1]);  mad(a1, v, w[2]);
        v = r_0[1 * COLUMN];
        mad(a0, v, w[0]);  mad(a1, v, w[1]);  mad(a2, v, w[2]);
        v = r_0[2 * COLUMN];
        mad(a1, v, w[0]);  mad(a2, v, w[1]);
      }
      if (along < TILES - 1) {
        const float* const r_0 = line_at(in, moved<INNER>(line, HEIGHT), ROW);
        v = r_0[3 * COLUMN];
        mad(a2, v, w[0]);
      }
      const bool o_0 = inside<INNER>(line, HEIGHT);
      if (o_0) out[0 * OUT_ROW + 0 * OUT_COLUMN] = a0;
      if (o_0) out[0 * OUT_ROW + 1 * OUT_COLUMN] = a1;
      if (o_0 && along < TILES - 1) out[0 * OUT_ROW + 2 * OUT_COLUMN] = a2;
      in += LENGTH * COLUMN * unsigned(sizeof(float));
      offset += LENGTH * OUT_COLUMN;
    } while (++along < end);
    __syncwarp();  // all lanes have read what the first one may say that the warp has left
  }
  leave_bands(bands, at, images * BANDS);
}

}  // namespace

// A block goes through the images of its group with the channels of its slab. The copy engine lays a few planes in shared memory
// as [row][column][channel], with zeros behind the rows and columns, in bands of rows: each again with a later image's when
// all warps have left it, which one more warp sees to. Lanes are channels, of LINES lines each. Across lines, places outside
// of the plane are moved to the zeros; along them, one test serves all loads that lie in the same tile: a load is one
// instruction with a constant offset.
extern "C" __global__ void __launch_bounds__(64, 16) fprop_nhwc_f32_4x5_s1_k5_a157p5_c32__cuda_ring_c32_t2_nw1_m16_i3_b2_d2(
    const float*, const float* __restrict__ packed, float* __restrict__ output, int batch,
    const __grid_constant__ TensorMap map) {
  extern __shared__ __align__(128) float shared[];
  __shared__ unsigned long long full[HELD];
  __shared__ unsigned long long empty[HELD];
  __shared__ Work work;
  // The same in all lanes, as the compiler then knows.
  const auto uniform = [](int value) { return __shfl_sync(~0u, value, 0); };
  const Task task = task_of(blockIdx.x, gridDim.x / SLABS);
  const int slab = uniform(task.slab), group = uniform(task.group), warp = uniform(threadIdx.x / 32);
  const int image = group * IMAGES;
  const Work own{slab * SLAB, image, min(IMAGES, batch - image)};
  if (threadIdx.x == 0) work = own;
  const Bands bands{full, empty, &map, shared, &work};
  if (threadIdx.x < HELD) {
    phase_init(full + threadIdx.x, 1);
    phase_init(empty + threadIdx.x, WARPS);
  }
  for (int plane = 0; plane < DEPTH; ++plane)
    for (int i = HEIGHT * ROW + threadIdx.x; i < 5 * ROW; i += THREADS) shared[plane * PLANE + i] = 0.0f;
  __syncthreads();
  if (warp == WARPS) return produce(bands);
  const int lane = threadIdx.x % SLAB, channel = slab * SLAB + lane;
  float w[BIAS];
#pragma unroll
  for (int t = 0; t < BIAS; ++t) w[t] = __ldg(packed + t * CHANNELS + channel);
  const float bias = __ldg(packed + BIAS * CHANNELS + channel);
  float* const y = output + image * (long long)IMAGE + channel;
  const Place place{shared + lane, y, warp, int(threadIdx.x % 32 / SLAB)};
  switch (uniform(body_of(channel))) {
    case 0: return line_157p5(w, bias, place, bands);
  }
}

extern "C" __global__ void fprop_nhwc_f32_4x5_s1_k5_a157p5_c32__cuda_ring_c32_t2_nw1_m16_i3_b2_d2_pack(
    const float* weight, const float* bias, float centre, float* packed) {
  pack(weight, bias, centre, packed);
}

}  // namespace fprop_nhwc_f32_4x5_s1_k5_a157p5_c32__cuda_ring_c32_t2_nw1_m16_i3_b2_d2_code
