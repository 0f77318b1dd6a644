// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace backward_nhwc_f32_7x3_s1_k5_a90_c64__cuda_line_grad_t2_nw3_i2_l1_code {

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

constexpr int CHANNELS = 64, HEIGHT = 3, WIDTH = 7;
constexpr int SLAB = 32, SLABS = CHANNELS / SLAB;  // channels of a block, which are a warp's lanes, and blocks of an image
constexpr int THREADS = 128, WARPS = 3;  // of a block; its warps that compute
constexpr int IMAGES = 2;  // images a block
constexpr int COLUMN = SLAB;  // from pixel to pixel in shared memory; what follows is of tensors
// All lines are steep: what is a row here is a column of the tensor.
constexpr int OUT_ROW = CHANNELS, OUT_COLUMN = HEIGHT * OUT_ROW, IMAGE = WIDTH * OUT_COLUMN;
constexpr int LINE = 8 * COLUMN, LINE_BYTES = 1024;  // of one tensor, with zeros where its last tile sticks out
constexpr int STAGES = 6, STAGE = 2 * LINE;  // lines of dy, with their x behind them, that are there or on their way
constexpr int MARKS = 2 * WARPS;  // barriers that say that a line is there: two a warp
static_assert(WARPS < STAGES && STAGES <= MARKS && WARPS <= HEIGHT, "a warp's next line is less than a round further");
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

// What a thread does: its channel's stages, its first image's pixels of dx, and its warp.
struct Place {
  const float* stages;
  float* output;
  int warp;
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

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

__device__ __forceinline__ void add(float& sum, float value) { sum += value; }

// Channels [from, to) of one body.
struct Range {
  int from, to, body;
};

// Comparisons with numbers in the text: a block that had to look its body up in memory would start later.
__device__ __forceinline__ Range range_of(int channel) {
  return {0, 64, 0};
}

__device__ __forceinline__ int body_of(int channel) { return range_of(channel).body; }

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[1][BIAS + 1] = {
    {0, 1, 2, 3, 4, 5},
};
__device__ constexpr int CENTRE[] = {2};

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

// What a warp needs to know of its block's stages. Lines are numbered over images: the i-th one's stage is i % STAGES, its warp
// i % WARPS, and the barrier that says that it is there i % MARKS. Line i is fetched when line i - STAGES has been left, and so all
// before it: since STAGES <= MARKS, line i - MARKS, which has the same barrier, is among them, and its warp waits for no earlier phase.
struct Stages {
  unsigned long long* full;  // a phase a line, which ends when its dy and its x are there
  unsigned long long* empty;  // of each stage: a phase a line, which ends when its warp has left it
  const TensorMap* map;
  const TensorMap* input_map;
  float* places;
  const Work* work;  // in shared memory: it is seldom asked for, and registers are dear
};

constexpr int BAND = 8, BANDS = (HEIGHT + BAND - 1) / BAND;  // lines of a plane that blocks go in step by, and such bands

// Blocks that read parts of the same pixels go on in step, so that memory is asked for the whole of them at about the same time: none
// asks for a band before all of its images' have asked for the one LAG before. They say so in counters that are never set
// back: a launch, or a later group of images that has the same ones, begins where the one before has ended. Blocks that find
// themselves alone do not wait any more: what a kernel computes does not depend on it.
constexpr int LAG = 1, SETS = 8, PATIENCE = 64;  // groups of images that have counters of their own; looks at a counter
using Counter = unsigned long long;
__device__ Counter begun[SETS], asked[SETS][IMAGES * BANDS];

struct Step {
  Counter* asked;
  Counter all;  // what a band's counter comes to
  bool waits;
};

__device__ __forceinline__ Step step_of(const Work& work) {
  const int set = work.image / IMAGES % SETS;
  return {asked[set], (atomicAdd(begun + set, Counter(1)) / SLABS + 1) * SLABS, true};
}

__device__ __forceinline__ void await_others(Step& step, int band) {
  if (band < 0) return;
  const volatile Counter* const counter = step.asked + band;
  for (int looks = 0; step.waits && *counter < step.all; ++looks) step.waits = looks < PATIENCE;
}

__device__ __forceinline__ void say_asked(const Step& step, int band) { atomicAdd(step.asked + band, Counter(1)); }

// What the last warp does: it fetches every line as soon as there is a stage that is empty.
__device__ __forceinline__ void produce(const Stages& stages) {
  if (threadIdx.x % 32 == 0) {
    const Work work = *stages.work;
    Step step = step_of(work);
    // Of stages that nothing was in yet, the phase before the first one has ended.
    int stage = 0, parity = 1, mark = 0;
#pragma unroll 1
    for (int image = 0; image < work.images; ++image) {
#pragma unroll 1
      for (int line = 0; line < HEIGHT; ++line) {
        const int band = image * BANDS + line / BAND;
        if (line % BAND == 0) await_others(step, band - LAG);
        phase_wait(stages.empty + stage, parity);
        float* const to = stages.places + stage * STAGE;
        phase_fetch(stages.full + mark, to, LINE_BYTES, stages.map, work.channel, 0, line, work.image + image);
        phase_fetch(stages.full + mark, to + LINE, LINE_BYTES, stages.input_map, work.channel, 0, line, work.image + image);
        if (line % BAND == 0) say_asked(step, band);
        if (++stage == STAGES) stage = 0, parity ^= 1;
        if (++mark == MARKS) mark = 0;
      }
    }
    for (int band = work.images * BANDS; band < IMAGES * BANDS; ++band) say_asked(step, band);
  }
  __syncwarp();
}

// 90 degrees: 4 pixels along a line from (0, 0); 8 loads and 20 pairs of pixel and weight a tile.
__device__ __forceinline__ void line_90(const float (&w)[BIAS], float (&d)[BIAS + 1], const Place& place, const Stages& stages) {
  constexpr int TILES = 2, LENGTH = 4;
  const int images = stages.work->images;
  const unsigned places = shared_at(place.stages);
  // A warp has every WARPS-th line, over all images; its own two barriers have a phase each before their parity changes.
  int image = place.warp / HEIGHT, line = place.warp % HEIGHT, stage = place.warp, mark = place.warp, parity = 0;
#pragma unroll 1
  while (image < images) {
    unsigned in = places + stage * unsigned(STAGE * sizeof(float));
    float* out = settled(place.output + (image * IMAGE + line * OUT_ROW));
    phase_wait(stages.full + mark, parity);
    int along = 0;
#pragma unroll 1
    do {
      const float* const r_0 = place_at(in);
      const float x0 = r_0[LINE + 0 * COLUMN], x1 = r_0[LINE + 1 * COLUMN], x2 = r_0[LINE + 2 * COLUMN], x3 = r_0[LINE + 3 * COLUMN];
      float a0, a1, a2, a3;
      float v;
      {
        v = r_0[0 * COLUMN];
        a2 = v * w[0]; a1 = v * w[1]; a0 = v * w[2]; mad(d[0], v, x2);
        mad(d[1], v, x1); mad(d[2], v, x0); add(d[BIAS], v);
        v = r_0[1 * COLUMN];
        a3 = v * w[0]; mad(a2, v, w[1]); mad(a1, v, w[2]); mad(a0, v, w[3]);
        mad(d[0], v, x3); mad(d[1], v, x2); mad(d[2], v, x1); add(d[BIAS], v);
        mad(d[3], v, x0);
        v = r_0[2 * COLUMN];
        mad(a3, v, w[1]); mad(a2, v, w[2]); mad(a1, v, w[3]); mad(a0, v, w[4]);
        mad(d[1], v, x3); mad(d[2], v, x2); add(d[BIAS], v); mad(d[3], v, x1);
        mad(d[4], v, x0);
        v = r_0[3 * COLUMN];
        mad(a3, v, w[2]); mad(a2, v, w[3]); mad(a1, v, w[4]); mad(d[2], v, x3);
        add(d[BIAS], v); mad(d[3], v, x2); mad(d[4], v, x1);
      }
      if (along >= 1) {
        v = r_0[-2 * COLUMN];
        mad(a0, v, w[0]); mad(d[0], v, x0);
        v = r_0[-1 * COLUMN];
        mad(a1, v, w[0]); mad(a0, v, w[1]); mad(d[0], v, x1); mad(d[1], v, x0);
      }
      if (along < TILES - 1) {
        v = r_0[4 * COLUMN];
        mad(a3, v, w[3]); mad(a2, v, w[4]); mad(d[3], v, x3); mad(d[4], v, x2);
        v = r_0[5 * COLUMN];
        mad(a3, v, w[4]); mad(d[4], v, x3);
      }
      __stcs(out + 0 * OUT_COLUMN, a0);
      __stcs(out + 1 * OUT_COLUMN, a1);
      __stcs(out + 2 * OUT_COLUMN, a2);
      if (along < TILES - 1) __stcs(out + 3 * OUT_COLUMN, a3);
      in += LENGTH * COLUMN * unsigned(sizeof(float));
      out += LENGTH * OUT_COLUMN;
    } while (++along < TILES);
    __syncwarp();  // all lanes have read what the first one says that the warp has left
    if (threadIdx.x % 32 == 0) phase_arrive(stages.empty + stage);
    stage += WARPS;
    if (stage >= STAGES) stage -= STAGES;
    mark += WARPS;
    if (mark >= MARKS) mark -= MARKS, parity ^= 1;
    line += WARPS;
    if (line >= HEIGHT) line -= HEIGHT, ++image;
  }
}

// A row of partial sums: those of the block's warps, added up. `shared` may be written.
__device__ __forceinline__ void put_row(float (&d)[BIAS + 1], const Place& place, float* shared, float* row) {
  __syncthreads();
  if (place.warp < WARPS) {
    float* const own = shared + place.warp * (SLOTS * SLAB) + threadIdx.x % SLAB;
#pragma unroll
    for (int t = 0; t < SLOTS; ++t) own[t * SLAB] = d[t];
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

// A block goes through the images of its group with the channels of its slab, line by line: taps lie on one column, so that no line
// has to do with another. One warp lets the copy engine lay lines of dy and of x in shared memory, as [pixel][channel]; the others
// take them in turn. Lanes are channels. A warp computes a line tile by tile, and writes its dx; one test serves all loads that lie in the
// same tile. Sums of dw stay in registers until the last image.
extern "C" __global__ void __launch_bounds__(128, 1) backward_nhwc_f32_7x3_s1_k5_a90_c64__cuda_line_grad_t2_nw3_i2_l1(
    const float*, const float*, [[maybe_unused]] const float* __restrict__ packed,
    [[maybe_unused]] float* __restrict__ input_grad, float*, float*, float* partial,
    int batch, const __grid_constant__ TensorMap input_map, const __grid_constant__ TensorMap map) {
  extern __shared__ __align__(128) float shared[];
  __shared__ unsigned long long full[MARKS], empty[STAGES];
  __shared__ Work work;
  // The same in all lanes, as the compiler then knows.
  const auto uniform = [](int value) { return __shfl_sync(~0u, value, 0); };
  const Task task = task_of(blockIdx.x, gridDim.x / SLABS);
  const int slab = uniform(task.slab), group = uniform(task.group), warp = uniform(threadIdx.x / 32);
  const int image = group * IMAGES;
  if (threadIdx.x == 0) work = {slab * SLAB, image, min(IMAGES, batch - image)};
  // Dy and x arrive one by one.
  if (threadIdx.x < MARKS) phase_init(full + threadIdx.x, 2);
  if (threadIdx.x < STAGES) phase_init(empty + threadIdx.x, 1);
  const Stages stages{full, empty, &map, &input_map, shared, &work};
  const int lane = threadIdx.x % SLAB, channel = slab * SLAB + lane;
  float d[SLOTS];
#pragma unroll
  for (int t = 0; t < SLOTS; ++t) d[t] = 0.0f;
  float w[BIAS];
#pragma unroll
  for (int t = 0; t < BIAS; ++t) w[t] = __ldg(packed + t * CHANNELS + channel);
  const Place place{shared + lane, input_grad + image * (long long)IMAGE + channel, warp};
  __syncthreads();
  if (warp == WARPS) {
    produce(stages);
  } else {
    switch (uniform(body_of(channel))) {
      case 0: line_90(w, d, place, stages); break;
    }
  }
  let_next_start();
  // What the block has worked on is read again rather than kept: registers are dear until here.
  put_row(d, place, shared, partial + work.image / IMAGES * (long long)VALUES + work.channel);
}

extern "C" __global__ void __launch_bounds__(256) backward_nhwc_f32_7x3_s1_k5_a90_c64__cuda_line_grad_t2_nw3_i2_l1_reduce(
    const float* partial, float* weight_grad, float* bias_grad, int batch) {
  reduce(partial, weight_grad, bias_grad, (batch + IMAGES - 1) / IMAGES);
}

extern "C" __global__ void backward_nhwc_f32_7x3_s1_k5_a90_c64__cuda_line_grad_t2_nw3_i2_l1_pack(const float* weight, const float*, float centre, float* packed) {
  pack(weight, centre, packed);
}

}  // namespace backward_nhwc_f32_7x3_s1_k5_a90_c64__cuda_line_grad_t2_nw3_i2_l1_code
