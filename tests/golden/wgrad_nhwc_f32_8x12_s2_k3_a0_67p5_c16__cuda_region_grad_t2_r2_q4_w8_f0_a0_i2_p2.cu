// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace wgrad_nhwc_f32_8x12_s2_k3_a0_67p5_c16__cuda_region_grad_t2_r2_q4_w8_f0_a0_i2_p2_code {

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

namespace {

constexpr int CHANNELS = 16, HEIGHT = 8, WIDTH = 12, STRIDE = 2;
constexpr int GRAD_HEIGHT = 4, GRAD_WIDTH = 6;  // of dy
constexpr int SLAB = 16, SLABS = CHANNELS / SLAB;  // channels of a block
constexpr int LANES = 8, TEAMS = 32 / LANES;      // channels of a warp, and the tiles that it has at a time
// Warps that compute, and that fetch: if none does nothing else, all do.
constexpr int WARPS = 8, PRODUCERS = 0, FETCHERS = PRODUCERS > 0 ? PRODUCERS : WARPS;
constexpr int THREADS = 32 * (WARPS + PRODUCERS);
constexpr int SCHEDULERS = 1;  // warps that are so many apart sit beside one another
constexpr int IMAGES = 2, PIECES = 2;  // images of a group, and blocks that go through them together
// Pixels of a region: of a part, whose pixels lie STRIDE apart, and of all.
constexpr int ROWS = 2, COLUMNS = 4, ALL_ROWS = ROWS * STRIDE, ALL_COLUMNS = COLUMNS * STRIDE;
constexpr int RIGHT = 2, REGIONS = 4;  // regions side by side, and of an image
// Of shared memory, in floats: a part of a region's x and dx, where its dy comes, and all of it. There are two: one is on its way.
constexpr int PART = 176, GRADS = STRIDE * STRIDE * PART, STAGE = 864;
constexpr int BIAS = 3;  // the place behind a channel's taps
constexpr int TAPS = 2;     // of a part of a direction, at most
constexpr int SLOTS = BIAS + 1, VALUES = SLOTS * CHANNELS;  // a row of partial sums is [slot][channel]

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// The compiler does not know what this leaves of a value. Else it would compute places of all tiles before the first one.
__device__ __forceinline__ void opaque(int& value) { asm volatile("" : "+r"(value)); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

__device__ __forceinline__ void add(float& sum, float value) { sum += value; }

// Channels [from, to) of one body.
struct Range {
  int from, to, body;
};

// Comparisons with numbers in the text: a block that had to look its body up in memory would start later.
__device__ __forceinline__ Range range_of(int channel) {
  if (channel < 8) return {0, 8, 0};
  return {8, 16, 1};
}

__device__ __forceinline__ int body_of(int channel) { return range_of(channel).body; }

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[2][BIAS + 1] = {
    {0, 1, 2, 3},
    {0, 3, 3, 3},
};

// A phase is what a warp does in all regions: tiles of a part of one of its slab's directions, which is the SUB-th.
__device__ constexpr short SUB[] = {0, 0, 1};

// Of each of a phase's taps, its place among the direction's; -1 behind the last one.
__device__ constexpr short SLOT[][TAPS] = {
    {1, -1},
    {0, 2},
    {0, -1},
};

// Slabs of the same directions are of one kind. A block asks before its first copy, so that the answer is in the text and not in memory.
__device__ __forceinline__ int kind_of(int slab) {
  switch (slab) {
    case 0: return 0;
  }
  return 0;
}

// Of each seat of a kind, its phase.
__device__ constexpr short PHASE[][WARPS] = {
    {0, 1, 1, 1, 1, 1, 1, 2},
};

// Of each sum of a kind's directions, the seats that have a share of it, and its place among the sums of each.
struct Held {
  short first, seats, place;
};
__device__ constexpr Held HELD[][SLAB / LANES][SLOTS] = {
    {
        {{1, 6, 0}, {0, 1, 0}, {1, 6, 1}, {0, 1, 2}},
        {{7, 1, 0}, {0, 0, 0}, {0, 0, 0}, {7, 1, 2}},
    },
};

// How regions of a kind of slabs lie in shared memory: floats from a row and a column of a part of x and dx to the next, and of dy; the dy
// that taps meet, and how many rows and columns of zeros are before it. EMPTY has a bit for each part of a direction that no tap meets.
struct Layout0 {
  static constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 80, GRAD_COLUMN = 16;
  static constexpr int TOP = 0, LEFT = 0, GRAD_ROWS = 2, GRAD_COLUMNS = 5, ABOVE = 0, BEFORE = 0;
  static constexpr int GRAD_SPLIT = 1, GRAD_STEP = FETCHERS / GRAD_SPLIT;  // as SPLIT and STEP, of dy
  static constexpr unsigned EMPTY = 236u;
};

// A region of an image: its first row and column, in pixels of a part.
struct Region {
  int image, row, column;
};

// A warp copies rows of pixels, some rows apart, BESIDE of them at a time, each by FOURS lanes.
constexpr int FOURS = SLAB / 4, BESIDE = 32 / FOURS;

// So many warps share a row of x and dx that none has to copy more often than it must, and those of one go on STEP rows further down.
constexpr int SPLIT = 1, STEP = FETCHERS / SPLIT;
// Whether nothing has to be tested, since no region sticks out of the plane. Warps that only copy do: without tests, nvcc 13.0 takes all
// loads together, and is slower.
constexpr bool WHOLE = PRODUCERS == 0 && HEIGHT % ALL_ROWS == 0 && WIDTH % ALL_COLUMNS == 0;
static_assert(BESIDE % STRIDE == 0 && STEP % STRIDE == 0, "what a lane copies next is of the same part");

// Where four channels of a pixel of x or dx are in shared memory.
template <class L>
__device__ __forceinline__ int own_at(int row, int pixel, int four) {
  return (row % STRIDE * STRIDE + pixel % STRIDE) * PART + row / STRIDE * L::ROW + pixel / STRIDE * L::COLUMN + four;
}

// What a lane copies, every STEP-th row: the row and pixel with which it begins, of dy and of x and dx, and where its four channels of them
// are in shared memory and in the tensors, and whether any tap meets its part of x.
struct Copier {
  int gradRow, gradPixel, around, grad, row, pixel, own, input, wanted;
};

template <class L>
__device__ __forceinline__ Copier copier_of(int warp, int slab) {
  const int beside = threadIdx.x % 32 / FOURS, four = threadIdx.x % FOURS * 4;
  Copier copier;
  copier.gradRow = warp / L::GRAD_SPLIT;
  copier.gradPixel = warp % L::GRAD_SPLIT * BESIDE + beside;
  copier.around = GRADS + (L::ABOVE + copier.gradRow) * L::GRAD_ROW + (L::BEFORE + copier.gradPixel) * L::GRAD_COLUMN + four;
  copier.grad = ((L::TOP + copier.gradRow) * GRAD_WIDTH + L::LEFT + copier.gradPixel) * CHANNELS + slab * SLAB + four;
  copier.row = warp / SPLIT;
  copier.pixel = warp % SPLIT * BESIDE + beside;
  copier.own = own_at<L>(copier.row, copier.pixel, four);
  copier.input = (copier.row * WIDTH + copier.pixel) * CHANNELS + slab * SLAB + four;
  // Else the compiler would find all of it out again for each region.
  opaque(copier.around), opaque(copier.grad), opaque(copier.own), opaque(copier.input);
  copier.wanted = ~L::EMPTY >> ((four / LANES * STRIDE + copier.row % STRIDE) * STRIDE + copier.pixel % STRIDE) & 1;
  opaque(copier.wanted);
  return copier;
}

// Copies 16 bytes, or lays zeros there.
__device__ __forceinline__ void copy_or_clear(float* to, const float* from, bool there) {
#if defined(O1D_EMULATED) || __CUDA_ARCH__ < 800
  if (there)
    async_copy_16(to, from);
  else
    *reinterpret_cast<float4*>(to) = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#else
  const unsigned at = __cvta_generic_to_shared(to);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(at), "l"(from), "r"(there ? 16 : 0) : "memory");
#endif
}

// Lays the dy around a region in shared memory, with zeros outside of the plane.
template <class L>
__device__ __forceinline__ void fetch_grad(float* stage, const float* grad, const Region& region, const Copier& copier) {
  constexpr int WIDE = L::GRAD_SPLIT * BESIDE;
  const int top = region.row + L::TOP + copier.gradRow, left = region.column + L::LEFT + copier.gradPixel;
  const float* const image = grad + region.image * (long long)(GRAD_HEIGHT * GRAD_WIDTH * CHANNELS) +
                             ((region.row * GRAD_WIDTH + region.column) * CHANNELS + copier.grad);
#pragma unroll
  for (int y = 0; y < L::GRAD_ROWS; y += L::GRAD_STEP) {
    if (y + L::GRAD_STEP > L::GRAD_ROWS && y + copier.gradRow >= L::GRAD_ROWS) break;
    const int width = inside(top + y, GRAD_HEIGHT) ? GRAD_WIDTH : 0;
#pragma unroll
    for (int x = 0; x < L::GRAD_COLUMNS; x += WIDE)
      if (x + WIDE <= L::GRAD_COLUMNS || x + copier.gradPixel < L::GRAD_COLUMNS)
        copy_or_clear(stage + copier.around + y * L::GRAD_ROW + x * L::GRAD_COLUMN, image + (y * GRAD_WIDTH + x) * CHANNELS, inside(left + x, width));
  }
}

// Lays a region of x in shared memory, with zeros beside the plane and below it.
template <class L>
__device__ __forceinline__ void fetch_input(float* stage, const float* input, const Region& region, const Copier& copier) {
  if (!copier.wanted) return;
  const int top = region.row * STRIDE, left = region.column * STRIDE, columns = WHOLE ? ALL_COLUMNS : WIDTH - left - copier.pixel;
  const float* const image =
      input + region.image * (long long)(HEIGHT * WIDTH * CHANNELS) + ((top * WIDTH + left) * CHANNELS + copier.input);
#pragma unroll
  for (int y = 0; y < ALL_ROWS; y += STEP) {
    if (y + STEP > ALL_ROWS && y + copier.row >= ALL_ROWS) break;
    const int count = WHOLE || top + copier.row + y < HEIGHT ? columns : 0;
#pragma unroll
    for (int x = 0; x < ALL_COLUMNS; x += SPLIT * BESIDE)
      if (x + SPLIT * BESIDE <= ALL_COLUMNS || x + copier.pixel < ALL_COLUMNS)
        copy_or_clear(stage + copier.own + y / STRIDE * L::ROW + x / STRIDE * L::COLUMN, image + (y * WIDTH + x) * CHANNELS, x < count);
  }
}

// By all threads of the block.
__device__ __forceinline__ void clear(float* stage) {
  for (int i = 4 * threadIdx.x; i < STAGE; i += 4 * THREADS) *reinterpret_cast<float4*>(stage + i) = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
}

// A block's tasks, one after the other: `between` has its turn when the one before is done and this one has come. Warps that go through
// them in different copies of this text meet all the same: a barrier counts warps, wherever they are.
template <class Between>
__device__ __forceinline__ void walk(float* shared, int begin, int end, const Between& between) {
  float* stage = shared;
#pragma unroll 1
  for (int task = begin; task < end; task += PIECES) {
    float* const other = stage == shared ? shared + STAGE : shared;
    async_wait<0>();
    __syncthreads();
    between(task, stage, other);
    stage = other;
  }
}

// 0 degrees: 2 pixels along a line from (0, 0); 2 loads and 2 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_0(float* stage, int seat, float (&d)[TAPS + 1]) {
  constexpr int TILES = 2, LINES = 2;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 80, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 0 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 0; task < 1; task += 1) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = across, x = along * 2;
    float* const own = stage + 0 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    const float x0 = own[0 * ROW + 0 * COLUMN];
    const float x1 = own[0 * ROW + 1 * COLUMN];
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(d[0], v, x0); add(d[BIAS], v);
    v = grad[0 * GRAD_ROW + 1 * GRAD_COLUMN];
    mad(d[0], v, x1); add(d[BIAS], v);
  }
}

// 0 degrees: 2 pixels along a line from (0, 1); 3 loads and 4 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_1(float* stage, int seat, float (&d)[TAPS + 1]) {
  constexpr int TILES = 2, LINES = 2;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 80, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 0 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 1; task < 1; task += 6) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = across, x = along * 2;
    float* const own = stage + 1 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    const float x0 = own[0 * ROW + 0 * COLUMN];
    const float x1 = own[0 * ROW + 1 * COLUMN];
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(d[1], v, x0);
    v = grad[0 * GRAD_ROW + 1 * GRAD_COLUMN];
    mad(d[0], v, x0); mad(d[1], v, x1);
    v = grad[0 * GRAD_ROW + 2 * GRAD_COLUMN];
    mad(d[0], v, x1);
  }
}

// 67.5 degrees: 2 pixels along a line from (0, 0); 2 loads and 2 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_2(float* stage, int seat, float (&d)[TAPS + 1]) {
  constexpr int TILES = 2, LINES = 2;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 80, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 1 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 7; task < 1; task += 1) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = across, x = along * 2;
    float* const own = stage + 0 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    const float x0 = own[0 * ROW + 0 * COLUMN];
    const float x1 = own[0 * ROW + 1 * COLUMN];
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(d[0], v, x0); add(d[BIAS], v);
    v = grad[0 * GRAD_ROW + 1 * GRAD_COLUMN];
    mad(d[0], v, x1); add(d[BIAS], v);
  }
}

// A row of partial sums: those of the block's warps, added up. `shared` may be written.
__device__ __forceinline__ void put_row(float (&d)[TAPS + 1], int kind, int seat, float* shared, float* row) {
#pragma unroll
  for (int lanes = LANES; lanes < 32; lanes *= 2) {
#pragma unroll
    for (int t = 0; t <= TAPS; ++t) d[t] += __shfl_xor_sync(~0u, d[t], lanes);
  }
  __syncthreads();
  if (threadIdx.x % 32 < LANES) {
    float* const own = shared + seat * ((TAPS + 1) * LANES) + threadIdx.x % LANES;
#pragma unroll
    for (int t = 0; t <= TAPS; ++t) own[t * LANES] = d[t];
  }
  __syncthreads();
  for (int i = threadIdx.x; i < SLOTS * SLAB; i += THREADS) {
    const int slot = i / SLAB, channel = i % SLAB;
    const Held held = HELD[kind][channel / LANES][slot];
    const float* const own = shared + (held.first * (TAPS + 1) + held.place) * LANES + channel % LANES;
    float sum = 0.0f;
    for (int other = 0; other < held.seats; ++other) sum += own[other * ((TAPS + 1) * LANES)];
    row[slot * CHANNELS + channel] = sum;
  }
}

// What the i-th value of a row is.
struct Value {
  int channel, slot;
};

__device__ __forceinline__ Value value_of(int i) { return {i % CHANNELS, i / CHANNELS}; }

__device__ __forceinline__ int rows_of(int, int groups) { return groups * PIECES; }

// Of the body's taps one, or BIAS: writes the sum as the gradient of the channel's weights on the tap, or of its bias.
__device__ __forceinline__ void put_gradient(int body, int channel, int slot, float sum, float* weight_grad,
                                             float* bias_grad) {
  if (slot == BIAS)
    bias_grad[channel] = sum;
  else
    for (int k = FIRST[body][slot]; k < FIRST[body][slot + 1]; ++k) weight_grad[(long long)channel * 3 + k] = sum;
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

// A block has SLAB channels, of several directions, and goes through its share of the regions of its images: the dy around a region
// is laid in shared memory, and its x. So pieces of SLAB channels come from memory and go there, where those
// of one direction would be more than the second-level cache can look up. Lanes are channels of one direction, of TEAMS tiles each.
extern "C" __global__ void __launch_bounds__(256, 1) wgrad_nhwc_f32_8x12_s2_k3_a0_67p5_c16__cuda_region_grad_t2_r2_q4_w8_f0_a0_i2_p2(
    const float* __restrict__ input, const float* __restrict__ grad, [[maybe_unused]] const float* __restrict__ packed,
    [[maybe_unused]] float* __restrict__ input_grad, float*, float*, float* partial, int batch) {
  extern __shared__ __align__(16) float shared[];
  const int slab = blockIdx.x % SLABS, piece = blockIdx.x / SLABS % PIECES, first = blockIdx.x / (SLABS * PIECES) * IMAGES;
  const int warp = __shfl_sync(~0u, int(threadIdx.x / 32), 0);  // the same in all lanes, as the compiler now knows
  const int seat = warp < WARPS ? warp % SCHEDULERS * (WARPS / SCHEDULERS) + warp / SCHEDULERS : warp;
  const int kind = kind_of(slab), phase = PHASE[kind][min(seat, WARPS - 1)];
  // Parts that no tap meets, and margins, stay zero.
  clear(shared);
  __syncthreads();
  float d[TAPS + 1];
#pragma unroll
  for (int t = 0; t <= TAPS; ++t) d[t] = 0.0f;
  const int tasks = min(IMAGES, batch - first) * REGIONS;
  const auto region_of = [&](int task) {
    return Region{first + task / REGIONS, task % REGIONS / RIGHT * ROWS, task % RIGHT * COLUMNS};
  };
  // To a stage comes the dy of one task, and its x.
  const auto copy_tasks = [&](float* stage, const Copier& copier, int task, bool leaves) {
    const bool comes = task < tasks;
    const Region region = region_of(task);
    switch (kind) {
      case 0:
        if (comes) fetch_input<Layout0>(stage, input, region, copier);
        if (comes) fetch_grad<Layout0>(stage, grad, region, copier);
        break;
    }
    async_commit();
  };
  const auto copier_of_fetcher = [&](int fetcher) {
    switch (kind) {
      case 0: return copier_of<Layout0>(fetcher, slab);
    }
    return Copier{};
  };
  const Copier copier = copier_of_fetcher(warp);
  copy_tasks(shared, copier, piece, false);
  clear(shared + STAGE);  // while they are on their way
  const auto compute = [&](float* stage) {
    switch (phase) {
      case 0: phase_0(stage, seat, d); break;
      case 1: phase_1(stage, seat, d); break;
      case 2: phase_2(stage, seat, d); break;
    }
  };
  const int end = tasks;
  walk(shared, piece, end, [&](int task, float* stage, float* other) {
    copy_tasks(other, copier, task + PIECES, task > piece);
    if (task < tasks) compute(stage);
  });
  let_next_start();
  put_row(d, kind, seat, shared, partial + (blockIdx.x / SLABS) * (long long)VALUES + slab * SLAB);
}

extern "C" __global__ void __launch_bounds__(256) wgrad_nhwc_f32_8x12_s2_k3_a0_67p5_c16__cuda_region_grad_t2_r2_q4_w8_f0_a0_i2_p2_reduce(
    const float* partial, float* weight_grad, float* bias_grad, int batch) {
  reduce(partial, weight_grad, bias_grad, (batch + IMAGES - 1) / IMAGES);
}

}  // namespace wgrad_nhwc_f32_8x12_s2_k3_a0_67p5_c16__cuda_region_grad_t2_r2_q4_w8_f0_a0_i2_p2_code
