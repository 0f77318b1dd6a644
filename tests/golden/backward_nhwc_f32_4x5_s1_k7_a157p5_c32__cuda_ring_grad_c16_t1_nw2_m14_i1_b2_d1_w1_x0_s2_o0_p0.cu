// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace backward_nhwc_f32_4x5_s1_k7_a157p5_c32__cuda_ring_grad_c16_t1_nw2_m14_i1_b2_d1_w1_x0_s2_o0_p0_code {

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

// Counts one up and says how many there were before. What came before in the threads that count is done before what
// comes after in the one that was told the last number, and be it that the copy engine does it.
__device__ __forceinline__ int count_up(int* counter) {
  const unsigned at = __cvta_generic_to_shared(counter);
  int before;
  asm volatile("atom.acq_rel.cta.shared::cta.add.s32 %0, [%1], 1;" : "=r"(before) : "r"(at) : "memory");
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  return before;
}
#endif

namespace {

constexpr int CHANNELS = 32, HEIGHT = 4, WIDTH = 5;
constexpr int SLAB = 16, SLABS = CHANNELS / SLAB;  // channels of a block, and blocks of an image
constexpr int LINES = 32 / SLAB;  // neighbouring lines of a warp
constexpr int THREADS = 64, WARPS = 2;  // of a block; its warps that compute
constexpr int IMAGES = 1;  // images a block
// Steps from pixel to pixel and from row to row in shared memory, and in tensors.
constexpr int COLUMN = SLAB, ROW = 7 * COLUMN;
constexpr int OUT_COLUMN = CHANNELS, OUT_ROW = WIDTH * OUT_COLUMN, IMAGE = HEIGHT * OUT_ROW;
constexpr int BANDS = 2, BAND_ROWS = 2, BAND_BYTES = 896;  // bands of a plane of dy
constexpr int DEPTH = 1, HELD = DEPTH * BANDS;  // planes in shared memory, or on their way there; their bands
constexpr int PLANE = 576;  // of shared memory
constexpr int BIAS = 5;  // the place behind a channel's taps
constexpr int SLOTS = BIAS + 1, VALUES = SLOTS * CHANNELS;  // a row of partial sums is [slot][channel]

// A block's slab of channels, and its group of IMAGES images.
struct Task {
  int slab, group;
};

// The first of its channels and of its images, and how many images.
struct Work {
  int channel, image, images;
};

// What a thread does: its channel's planes of dy, its first image's pixels of x and of dx, and of a warp's lines its own.
struct Place {
  const float* planes;
  const float* input;
  float* output;
  int warp, team;
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

// An x has one reader, and one only: it need not stay in the first-level cache. The slabs beside this one read theirs soon.
__device__ __forceinline__ float load_once(const float* from) {
#ifdef O1D_EMULATED
  return *from;
#else
  float value;
  asm("ld.global.cg.L2::128B.f32 %0, [%1];" : "=f"(value) : "l"(from));
  return value;
#endif
}

// Whether one of a warp's lines, from this one on, is inside: all of its lanes skip the others' loads, which would be zeros.
__device__ __forceinline__ bool meets(int line, int size) { return unsigned(line + LINES - 1) < unsigned(size + LINES - 1); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

__device__ __forceinline__ void add(float& sum, float value) { sum += value; }

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
    {0, 1, 2, 5, 6, 7},
};
__device__ constexpr int CENTRE[] = {2};

// The weights that fall on a tap of a channel, `centre` among them; at BIAS, behind the taps, nothing.
__device__ __forceinline__ float folded(const float* weight, float centre, int channel, int tap) {
  if (tap == BIAS) return 0.0f;
  const int body = body_of(channel);
  float sum = tap == CENTRE[body] ? centre : 0.0f;
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 7 + k];
  return sum;
}

// One value a thread: rows of weights [tap][channel], then one of zeros.
__device__ __forceinline__ void pack(const float* weight, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, centre, i % CHANNELS, i / CHANNELS);
}

__device__ __forceinline__ Task task_of(int block, int groups) {
  return {block % SLABS, block / SLABS};
}

// What a warp needs to know of its block's bands.
struct Bands {
  unsigned long long* full;  // of each band's place: a phase an image, which ends when its rows are there
  int* leavers;  // of each band's place: warps that have left it, of all images together
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
  const unsigned next = blockIdx.x + 1848;
  if (next >= gridDim.x) return;
  const Task task = task_of(next, gridDim.x / SLABS);
  for (int at = first; at < first + count; ++at)
    box_prefetch(bands.map, task.slab * SLAB, 0, at * BAND_ROWS, task.group * IMAGES);
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
    if (count_up(bands.leavers + place) != (at.left / HELD + 1) * WARPS - 1) continue;
    if (at.left + HELD < bands.work->images * BANDS)
      fetch_band(bands, *bands.work, at.left + HELD);
    else if (at.left + BANDS >= bands.work->images * BANDS)
      prefetch_next(bands, at.left % BANDS, 1);
  }
}

// 157.5 degrees: 1x5 pixels from (0, 0); 11 loads and 19 pairs of pixel and weight a tile.
__device__ __forceinline__ void line_157p5(const float* weights, float (&d)[BIAS + 1], const Place& place, const Bands& bands) {
  // Tiles a line, in runs of neighbours; groups of LINES lines. A run is a task, of which a warp takes every WARPS-th over all images.
  constexpr int TILES = 1, RUN = 1, RUNS = TILES / RUN, GROUPS = 2, TASKS = RUNS * GROUPS, LENGTH = 5;
  constexpr bool INNER = false;
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
  const auto line_of = [&](unsigned task) { return int(task / RUNS * LINES + place.team); };
  const auto first_of = [](unsigned task) { return int(task % RUNS * RUN); };  // tile of its line
  // How far a run's pixels are from the thread's first.
  const auto offset_of = [&](int image, unsigned task) {
    return image * IMAGE + line_of(task) * OUT_ROW + first_of(task) * (LENGTH * OUT_COLUMN);
  };
  // A tile's pixels of x.
  const auto fetch = [&](int offset, [[maybe_unused]] int line, [[maybe_unused]] int along, float (&n)[LENGTH]) {
    const float* const in = settled(place.input + offset);
    const bool o_0 = inside<INNER>(line, HEIGHT);
    n[0] = o_0 ? load_once(in + 0 * OUT_ROW + 0 * OUT_COLUMN) : 0.0f;
    n[1] = o_0 ? load_once(in + 0 * OUT_ROW + 1 * OUT_COLUMN) : 0.0f;
    n[2] = o_0 ? load_once(in + 0 * OUT_ROW + 2 * OUT_COLUMN) : 0.0f;
    n[3] = o_0 ? load_once(in + 0 * OUT_ROW + 3 * OUT_COLUMN) : 0.0f;
    n[4] = o_0 ? load_once(in + 0 * OUT_ROW + 4 * OUT_COLUMN) : 0.0f;
  };
  float n[LENGTH];
#pragma unroll 1
  while (image < images) {
    const int line = line_of(task);
    [[maybe_unused]] const int group_line = task / RUNS * LINES;
    int along = first_of(task);
    const int end = along + RUN;
    unsigned in = planes + (image % DEPTH * PLANE + along * (LENGTH * COLUMN)) * unsigned(sizeof(float));
    int offset = offset_of(image, task);
    leave_bands(bands, at, image * BANDS + band_of(task / RUNS * LINES - 1));
    await_bands(bands, at, image * BANDS + band_of(task / RUNS * LINES + LINES - 1 + 1) + 1);
#pragma unroll 1
    do {
      fetch(offset, line, along, n);
      const float x0 = n[0], x1 = n[1], x2 = n[2], x3 = n[3];
      const float x4 = n[4];
      const int own = offset;
      offset += LENGTH * OUT_COLUMN;
      float a0 = 0.0f, a1 = 0.0f, a2 = 0.0f, a3 = 0.0f;
      float a4 = 0.0f;
      float v;
      if (meets(group_line - 1, HEIGHT)) {
        const float* const r_m1 = line_at(in, moved<INNER>(line - 1, HEIGHT), ROW);
        float w[5];
        w[0] = weights[0 * SLAB];
        v = r_m1[0 * COLUMN];
        mad(a2, v, w[0]); mad(d[0], v, x2);
        v = r_m1[1 * COLUMN];
        mad(a3, v, w[0]); mad(d[0], v, x3);
        v = r_m1[2 * COLUMN];
        mad(a4, v, w[0]); mad(d[0], v, x4);
      }
      if (meets(group_line, HEIGHT)) {
        const float* const r_0 = line_at(in, moved<INNER>(line, HEIGHT), ROW);
        float w[5];
        w[1] = weights[1 * SLAB]; w[2] = weights[2 * SLAB]; w[3] = weights[3 * SLAB];
        v = r_0[0 * COLUMN];
        mad(a1, v, w[1]); mad(a0, v, w[2]); mad(d[1], v, x1); mad(d[2], v, x0);
        add(d[BIAS], v);
        v = r_0[1 * COLUMN];
        mad(a2, v, w[1]); mad(a1, v, w[2]); mad(a0, v, w[3]); mad(d[1], v, x2);
        mad(d[2], v, x1); add(d[BIAS], v); mad(d[3], v, x0);
        v = r_0[2 * COLUMN];
        mad(a3, v, w[1]); mad(a2, v, w[2]); mad(a1, v, w[3]); mad(d[1], v, x3);
        mad(d[2], v, x2); add(d[BIAS], v); mad(d[3], v, x1);
        v = r_0[3 * COLUMN];
        mad(a4, v, w[1]); mad(a3, v, w[2]); mad(a2, v, w[3]); mad(d[1], v, x4);
        mad(d[2], v, x3); add(d[BIAS], v); mad(d[3], v, x2);
        v = r_0[4 * COLUMN];
        mad(a4, v, w[2]); mad(a3, v, w[3]); mad(d[2], v, x4); add(d[BIAS], v);
        mad(d[3], v, x3);
      }
      if (meets(group_line + 1, HEIGHT)) {
        const float* const r_1 = line_at(in, moved<INNER>(line + 1, HEIGHT), ROW);
        float w[5];
        w[4] = weights[4 * SLAB];
        v = r_1[2 * COLUMN];
        mad(a0, v, w[4]); mad(d[4], v, x0);
        v = r_1[3 * COLUMN];
        mad(a1, v, w[4]); mad(d[4], v, x1);
        v = r_1[4 * COLUMN];
        mad(a2, v, w[4]); mad(d[4], v, x2);
      }
      float* const out = settled(place.output + own);
      const bool o_0 = inside<INNER>(line, HEIGHT);
      if (o_0) __stcs(out + 0 * OUT_ROW + 0 * OUT_COLUMN, a0);
      if (o_0) __stcs(out + 0 * OUT_ROW + 1 * OUT_COLUMN, a1);
      if (o_0) __stcs(out + 0 * OUT_ROW + 2 * OUT_COLUMN, a2);
      if (o_0) __stcs(out + 0 * OUT_ROW + 3 * OUT_COLUMN, a3);
      if (o_0) __stcs(out + 0 * OUT_ROW + 4 * OUT_COLUMN, a4);
      in += LENGTH * COLUMN * unsigned(sizeof(float));
    } while (++along < end);
    __syncwarp();  // all lanes have read what the first one may say that the warp has left
    go_on();
  }
  leave_bands(bands, at, images * BANDS);
}

// A row of partial sums: those of the block's warps, added up. `shared` may be written.
__device__ __forceinline__ void put_row(float (&d)[BIAS + 1], const Place& place, float* shared, float* row) {
  __syncthreads();
  {
    float* const own = shared + place.warp * (SLOTS * SLAB) + threadIdx.x % SLAB;
    // Each half of the warp adds one half of the sums.
    constexpr int HALF = SLOTS / 2;
#pragma unroll
    for (int t = 0; t < HALF; ++t) {
      const float given = __shfl_xor_sync(~0u, place.team == 0 ? d[t + HALF] : d[t], 16);
      own[(place.team * HALF + t) * SLAB] = (place.team == 0 ? d[t] : d[t + HALF]) + given;
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < SLOTS * SLAB; i += THREADS) {
    float sum = shared[i];
#pragma unroll
    for (int warp = 1; warp < WARPS; ++warp) sum += shared[warp * (SLOTS * SLAB) + i];
    row[i / SLAB * CHANNELS + i % SLAB] = sum;
  }
}

// What the i-th value of a row is.
struct Value {
  int channel, slot;
};

__device__ __forceinline__ Value value_of(int i) { return {i % CHANNELS, i / CHANNELS}; }

__device__ __forceinline__ int rows_of(int, int groups) { return groups; }

// Of the body's taps one, or BIAS: writes the sum as the gradient of the channel's weights on the tap, or of its bias.
__device__ __forceinline__ void put_gradient(int body, int channel, int slot, float sum, float* weight_grad,
                                             float* bias_grad) {
  if (slot == BIAS)
    bias_grad[channel] = sum;
  else
    for (int k = FIRST[body][slot]; k < FIRST[body][slot + 1]; ++k) weight_grad[(long long)channel * 7 + k] = sum;
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

}  // namespace

// A block goes through the images of its group with the channels of its slab. The copy engine lays the plane of dy in shared
// memory as [row][column][channel], with zeros behind the rows and columns, in bands of rows: each again with a later
// image's when all warps have left it. Lanes are channels, of LINES lines each. A thread takes tiles of pixels, whose x only
// it reads and whose dx only it writes; across lines, places outside of the plane are moved to the zeros, along them one test serves
// all loads that lie in the same tile. Sums of dw stay in registers until the last image.
extern "C" __global__ void __launch_bounds__(64, 14) backward_nhwc_f32_4x5_s1_k7_a157p5_c32__cuda_ring_grad_c16_t1_nw2_m14_i1_b2_d1_w1_x0_s2_o0_p0(
    const float* __restrict__ input, const float*, [[maybe_unused]] const float* __restrict__ packed,
    [[maybe_unused]] float* __restrict__ input_grad, float*, float*, float* partial,
    int batch, const __grid_constant__ TensorMap map) {
  extern __shared__ __align__(128) float shared[];
  __shared__ unsigned long long full[HELD];
  __shared__ int leavers[HELD];
  __shared__ Work work;
  // The same in all lanes, as the compiler then knows.
  const auto uniform = [](int value) { return __shfl_sync(~0u, value, 0); };
  const Task task = task_of(blockIdx.x, gridDim.x / SLABS);
  const int slab = uniform(task.slab), group = uniform(task.group), warp = uniform(threadIdx.x / 32);
  const int image = group * IMAGES;
  const Work own{slab * SLAB, image, min(IMAGES, batch - image)};
  if (threadIdx.x == 0) work = own;
  const Bands bands{full, leavers, &map, shared, &work};
  if (threadIdx.x < HELD) {
    phase_init(full + threadIdx.x, 1);
    leavers[threadIdx.x] = 0;
    if (threadIdx.x < own.images * BANDS) fetch_band(bands, own, threadIdx.x);
  }
  for (int plane = 0; plane < DEPTH; ++plane)
    for (int i = HEIGHT * ROW + threadIdx.x; i < 5 * ROW; i += THREADS) shared[plane * PLANE + i] = 0.0f;
  const int lane = threadIdx.x % SLAB, channel = slab * SLAB + lane;
  float d[SLOTS];
#pragma unroll
  for (int t = 0; t < SLOTS; ++t) d[t] = 0.0f;
  __shared__ float rows[BIAS * SLAB];
  for (int i = threadIdx.x; i < BIAS * SLAB; i += THREADS)
    rows[i] = __ldg(packed + i / SLAB * CHANNELS + slab * SLAB + i % SLAB);
  const float* const weights = rows + lane;
  const long long first = image * (long long)IMAGE + channel;
  const Place place{shared + lane, input + first, input_grad + first, warp, int(threadIdx.x % 32 / SLAB)};
  __syncthreads();
  switch (uniform(body_of(channel))) {
    case 0: line_157p5(weights, d, place, bands); break;
  }
  let_next_start();
  // What the block has worked on is read again rather than kept: registers are dear until here.
  put_row(d, place, shared, partial + work.image / IMAGES * (long long)VALUES + work.channel);
}

extern "C" __global__ void __launch_bounds__(256) backward_nhwc_f32_4x5_s1_k7_a157p5_c32__cuda_ring_grad_c16_t1_nw2_m14_i1_b2_d1_w1_x0_s2_o0_p0_reduce(
    const float* partial, float* weight_grad, float* bias_grad, int batch) {
  reduce(partial, weight_grad, bias_grad, (batch + IMAGES - 1) / IMAGES);
}

extern "C" __global__ void backward_nhwc_f32_4x5_s1_k7_a157p5_c32__cuda_ring_grad_c16_t1_nw2_m14_i1_b2_d1_w1_x0_s2_o0_p0_pack(const float* weight, const float*, float centre, float* packed) {
  pack(weight, centre, packed);
}

}  // namespace backward_nhwc_f32_4x5_s1_k7_a157p5_c32__cuda_ring_grad_c16_t1_nw2_m14_i1_b2_d1_w1_x0_s2_o0_p0_code
