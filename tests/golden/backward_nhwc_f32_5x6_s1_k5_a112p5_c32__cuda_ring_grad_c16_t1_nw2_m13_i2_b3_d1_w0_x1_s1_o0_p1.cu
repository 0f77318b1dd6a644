// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace backward_nhwc_f32_5x6_s1_k5_a112p5_c32__cuda_ring_grad_c16_t1_nw2_m13_i2_b3_d1_w0_x1_s1_o0_p1_code {

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

constexpr int CHANNELS = 32, HEIGHT = 6, WIDTH = 5;
constexpr int SLAB = 16, SLABS = CHANNELS / SLAB;  // channels of a block, and blocks of an image
constexpr int LINES = 32 / SLAB;  // neighbouring lines of a warp
constexpr int THREADS = 96, WARPS = 2;  // of a block; its warps that compute
constexpr int IMAGES = 2;  // images a block
// Steps from pixel to pixel and from row to row in shared memory, and in tensors.
constexpr int COLUMN = SLAB, ROW = 7 * COLUMN;
// All lines are steep: what is a row here is a column of the tensor.
constexpr int OUT_ROW = CHANNELS, OUT_COLUMN = HEIGHT * OUT_ROW, IMAGE = WIDTH * OUT_COLUMN;
constexpr int BANDS = 3, BAND_ROWS = 2, BAND_BYTES = 896;  // bands of a plane of dy
constexpr int DEPTH = 1, HELD = DEPTH * BANDS;  // planes in shared memory, or on their way there; their bands
constexpr int INPUT_LAG = HELD * 3 / 7;  // bands that x comes after dy
constexpr int PLANE = 800;  // of shared memory
constexpr int BIAS = 3;  // the place behind a channel's taps
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
    {0, 1, 4, 5},
};
__device__ constexpr int CENTRE[] = {1};

// The weights that fall on a tap of a channel, `centre` among them; at BIAS, behind the taps, nothing.
__device__ __forceinline__ float folded(const float* weight, float centre, int channel, int tap) {
  if (tap == BIAS) return 0.0f;
  const int body = body_of(channel);
  float sum = tap == CENTRE[body] ? centre : 0.0f;
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 5 + k];
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
  unsigned long long* empty;  // likewise, when every warp has left it
  const TensorMap* map;
  const TensorMap* input_map;
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
  const unsigned next = blockIdx.x + 1716;
  if (next >= gridDim.x) return;
  const Task task = task_of(next, gridDim.x / SLABS);
  for (int at = first; at < first + count; ++at)
    box_prefetch(bands.map, task.slab * SLAB, 0, at * BAND_ROWS, task.group * IMAGES);
}

// What the last warp does: it fetches every band as soon as all others have left it. The x of a band that is INPUT_LAG before comes as
// near as the second-level cache, so that tiles do not wait for memory: pieces this short come with those of the next slab.
__device__ __forceinline__ void produce(const Bands& bands) {
  if (threadIdx.x % 32 == 0) {
#pragma unroll 1
    for (int band = 0; band < bands.work->images * BANDS; ++band) {
      if (band >= HELD) phase_wait(bands.empty + band % HELD, (band / HELD - 1) % 2);
      fetch_band(bands, *bands.work, band);
      const int before = band - INPUT_LAG;
      if (before >= 0)
        box_prefetch(bands.input_map, bands.work->channel, 0, before % BANDS * BAND_ROWS, bands.work->image + before / BANDS);
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

// 112.5 degrees: 5 pixels along a line from (0, 0); 5 loads and 13 pairs of pixel and weight a tile.
__device__ __forceinline__ void line_112p5(const float (&w)[BIAS], float (&d)[BIAS + 1], const Place& place, const Bands& bands) {
  // Tiles a line, in runs of neighbours; groups of LINES lines. A run is a task, of which a warp takes every WARPS-th over all images.
  constexpr int TILES = 1, RUN = 1, RUNS = TILES / RUN, GROUPS = 3, TASKS = RUNS * GROUPS, LENGTH = 5;
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
  int offset = offset_of(image, task);
  if (image < images) fetch(offset, line_of(task), first_of(task), n);
#pragma unroll 1
  while (image < images) {
    const int line = line_of(task);
    [[maybe_unused]] const int group_line = task / RUNS * LINES;
    int along = first_of(task);
    const int end = along + RUN;
    unsigned in = planes + (image % DEPTH * PLANE + along * (LENGTH * COLUMN)) * unsigned(sizeof(float));
    leave_bands(bands, at, image * BANDS + band_of(task / RUNS * LINES));
    await_bands(bands, at, image * BANDS + band_of(task / RUNS * LINES + LINES - 1) + 1);
#pragma unroll 1
    do {
      const float x0 = n[0], x1 = n[1], x2 = n[2], x3 = n[3];
      const float x4 = n[4];
      const int own = offset;
      int next_line = line, next_along = along + 1;
      if (next_along < end) {
        offset += LENGTH * OUT_COLUMN;
      } else {
        go_on();
        offset = offset_of(image, task), next_line = line_of(task), next_along = first_of(task);
      }
      if (image < images) fetch(offset, next_line, next_along, n);
      float a0 = 0.0f, a1 = 0.0f, a2 = 0.0f, a3 = 0.0f;
      float a4 = 0.0f;
      float v;
      {
        const float* const r_0 = line_at(in, moved<INNER>(line, HEIGHT), ROW);
        v = r_0[0 * COLUMN];
        mad(a1, v, w[0]); mad(a0, v, w[1]); mad(d[0], v, x1); mad(d[1], v, x0);
        add(d[BIAS], v);
        v = r_0[1 * COLUMN];
        mad(a2, v, w[0]); mad(a1, v, w[1]); mad(a0, v, w[2]); mad(d[0], v, x2);
        mad(d[1], v, x1); add(d[BIAS], v); mad(d[2], v, x0);
        v = r_0[2 * COLUMN];
        mad(a3, v, w[0]); mad(a2, v, w[1]); mad(a1, v, w[2]); mad(d[0], v, x3);
        mad(d[1], v, x2); add(d[BIAS], v); mad(d[2], v, x1);
        v = r_0[3 * COLUMN];
        mad(a4, v, w[0]); mad(a3, v, w[1]); mad(a2, v, w[2]); mad(d[0], v, x4);
        mad(d[1], v, x3); add(d[BIAS], v); mad(d[2], v, x2);
        v = r_0[4 * COLUMN];
        mad(a4, v, w[1]); mad(a3, v, w[2]); mad(d[1], v, x4); add(d[BIAS], v);
        mad(d[2], v, x3);
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
  }
  leave_bands(bands, at, images * BANDS);
}

// A row of partial sums: those of the block's warps, added up. `shared` may be written.
__device__ __forceinline__ void put_row(float (&d)[BIAS + 1], const Place& place, float* shared, float* row) {
  __syncthreads();
  if (place.warp < WARPS) {
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
    for (int k = FIRST[body][slot]; k < FIRST[body][slot + 1]; ++k) weight_grad[(long long)channel * 5 + k] = sum;
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
extern "C" __global__ void __launch_bounds__(96, 13) backward_nhwc_f32_5x6_s1_k5_a112p5_c32__cuda_ring_grad_c16_t1_nw2_m13_i2_b3_d1_w0_x1_s1_o0_p1(
    const float* __restrict__ input, const float*, [[maybe_unused]] const float* __restrict__ packed,
    [[maybe_unused]] float* __restrict__ input_grad, float*, float*, float* partial,
    int batch, const __grid_constant__ TensorMap input_map, const __grid_constant__ TensorMap map) {
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
  const Bands bands{full, empty, &map, &input_map, shared, &work};
  if (threadIdx.x < HELD) {
    phase_init(full + threadIdx.x, 1);
    phase_init(empty + threadIdx.x, WARPS);
  }
  for (int plane = 0; plane < DEPTH; ++plane)
    for (int i = HEIGHT * ROW + threadIdx.x; i < 7 * ROW; i += THREADS) shared[plane * PLANE + i] = 0.0f;
  const int lane = threadIdx.x % SLAB, channel = slab * SLAB + lane;
  float d[SLOTS];
#pragma unroll
  for (int t = 0; t < SLOTS; ++t) d[t] = 0.0f;
  float w[BIAS];
#pragma unroll
  for (int t = 0; t < BIAS; ++t) w[t] = __ldg(packed + t * CHANNELS + channel);
  const long long first = image * (long long)IMAGE + channel;
  const Place place{shared + lane, input + first, input_grad + first, warp, int(threadIdx.x % 32 / SLAB)};
  __syncthreads();
  if (warp == WARPS)
    produce(bands);
  else
  switch (uniform(body_of(channel))) {
    case 0: line_112p5(w, d, place, bands); break;
  }
  let_next_start();
  // What the block has worked on is read again rather than kept: registers are dear until here.
  put_row(d, place, shared, partial + work.image / IMAGES * (long long)VALUES + work.channel);
}

extern "C" __global__ void __launch_bounds__(256) backward_nhwc_f32_5x6_s1_k5_a112p5_c32__cuda_ring_grad_c16_t1_nw2_m13_i2_b3_d1_w0_x1_s1_o0_p1_reduce(
    const float* partial, float* weight_grad, float* bias_grad, int batch) {
  reduce(partial, weight_grad, bias_grad, (batch + IMAGES - 1) / IMAGES);
}

extern "C" __global__ void backward_nhwc_f32_5x6_s1_k5_a112p5_c32__cuda_ring_grad_c16_t1_nw2_m13_i2_b3_d1_w0_x1_s1_o0_p1_pack(const float* weight, const float*, float centre, float* packed) {
  pack(weight, centre, packed);
}

}  // namespace backward_nhwc_f32_5x6_s1_k5_a112p5_c32__cuda_ring_grad_c16_t1_nw2_m13_i2_b3_d1_w0_x1_s1_o0_p1_code
