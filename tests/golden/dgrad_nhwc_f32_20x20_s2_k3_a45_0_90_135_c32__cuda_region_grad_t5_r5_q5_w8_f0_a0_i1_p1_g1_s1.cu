// In a namespace of its own, so that several kernels can be compiled as one translation unit.
namespace dgrad_nhwc_f32_20x20_s2_k3_a45_0_90_135_c32__cuda_region_grad_t5_r5_q5_w8_f0_a0_i1_p1_g1_s1_code {

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

constexpr int CHANNELS = 32, HEIGHT = 20, WIDTH = 20, STRIDE = 2;
constexpr int GRAD_HEIGHT = 10, GRAD_WIDTH = 10;  // of dy
constexpr int SLAB = 16, SLABS = CHANNELS / SLAB;  // channels of a block
constexpr int LANES = 8, TEAMS = 32 / LANES;      // channels of a warp, and the tiles that it has at a time
// Warps that compute, and that fetch: if none does nothing else, all do.
constexpr int WARPS = 8, PRODUCERS = 0, FETCHERS = PRODUCERS > 0 ? PRODUCERS : WARPS;
constexpr int THREADS = 32 * (WARPS + PRODUCERS);
constexpr int SCHEDULERS = 4;  // warps that are so many apart sit beside one another
constexpr int IMAGES = 1, PIECES = 1;  // images of a group, and blocks that go through them together
// Pixels of a region: of a part, whose pixels lie STRIDE apart, and of all.
constexpr int ROWS = 5, COLUMNS = 5, ALL_ROWS = ROWS * STRIDE, ALL_COLUMNS = COLUMNS * STRIDE;
constexpr int RIGHT = 2, REGIONS = 4;  // regions side by side, and of an image
// Of shared memory, in floats: a part of a region's x and dx, where its dy comes, and all of it. There are two: one is on its way.
constexpr int PART = 400, GRADS = STRIDE * STRIDE * PART, STAGE = 2160;
constexpr int BIAS = 3;  // the place behind a channel's taps
constexpr int TAPS = 2;     // of a part of a direction, at most

__device__ __forceinline__ bool inside(int i, int size) { return unsigned(i) < unsigned(size); }

// The compiler does not know what this leaves of a value. Else it would compute places of all tiles before the first one.
__device__ __forceinline__ void opaque(int& value) { asm volatile("" : "+r"(value)); }

__device__ __forceinline__ void mad(float& sum, float value, float weight) { sum = fmaf(value, weight, sum); }

// Channels [from, to) of one body.
struct Range {
  int from, to, body;
};

// Comparisons with numbers in the text: a block that had to look its body up in memory would start later.
__device__ __forceinline__ Range range_of(int channel) {
  if (channel < 8) return {0, 8, 0};
  if (channel < 16) return {8, 16, 1};
  if (channel < 24) return {16, 24, 2};
  return {24, 32, 0};
}

__device__ __forceinline__ int body_of(int channel) { return range_of(channel).body; }

// Weight k folds on tap t of a body for FIRST[body][t] <= k < FIRST[body][t + 1]; taps beyond its last have none.
__device__ constexpr short FIRST[3][BIAS + 1] = {
    {0, 3, 3, 3},
    {0, 1, 2, 3},
    {0, 1, 2, 3},
};
__device__ constexpr int CENTRE[] = {0, 1, 1};

// The weights that fall on a tap of a channel, `centre` among them; at BIAS, behind the taps, nothing.
__device__ __forceinline__ float folded(const float* weight, float centre, int channel, int tap) {
  if (tap == BIAS) return 0.0f;
  const int body = body_of(channel);
  float sum = tap == CENTRE[body] ? centre : 0.0f;
  for (int k = FIRST[body][tap]; k < FIRST[body][tap + 1]; ++k) sum += weight[(long long)channel * 3 + k];
  return sum;
}

// One value a thread: rows of weights [tap][channel], then one of zeros.
__device__ __forceinline__ void pack(const float* weight, float centre, float* packed) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (BIAS + 1) * CHANNELS) packed[i] = folded(weight, centre, i % CHANNELS, i / CHANNELS);
}

// A phase is what a warp does in all regions: tiles of a part of one of its slab's directions, which is the SUB-th.
__device__ constexpr short SUB[] = {1, 0, 1, 0, 0, 1};

// Of each of a phase's taps, its place among the direction's; -1 behind the last one.
__device__ constexpr short SLOT[][TAPS] = {
    {1, -1},
    {0, -1},
    {0, 2},
    {1, -1},
    {0, 2},
    {0, -1},
};

// Slabs of the same directions are of one kind. A block asks before its first copy, so that the answer is in the text and not in memory.
__device__ __forceinline__ int kind_of(int slab) {
  switch (slab) {
    case 0: return 0;
    case 1: return 1;
  }
  return 0;
}

// Of each seat of a kind, its phase.
__device__ constexpr short PHASE[][WARPS] = {
    {0, 0, 1, 1, 1, 2, 2, 2},
    {3, 3, 3, 4, 4, 4, 5, 5},
};

// How regions of a kind of slabs lie in shared memory: floats from a row and a column of a part of x and dx to the next, and of dy; the dy
// that taps meet, and how many rows and columns of zeros are before it.
struct Layout0 {
  static constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 112, GRAD_COLUMN = 16;
  static constexpr int TOP = 0, LEFT = 0, GRAD_ROWS = 5, GRAD_COLUMNS = 6, ABOVE = 0, BEFORE = 0;
  static constexpr int GRAD_SPLIT = 1, GRAD_STEP = FETCHERS / GRAD_SPLIT;  // as SPLIT and STEP, of dy
};
struct Layout1 {
  static constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 80, GRAD_COLUMN = 16;
  static constexpr int TOP = 0, LEFT = 0, GRAD_ROWS = 6, GRAD_COLUMNS = 5, ABOVE = 0, BEFORE = 0;
  static constexpr int GRAD_SPLIT = 1, GRAD_STEP = FETCHERS / GRAD_SPLIT;  // as SPLIT and STEP, of dy
};

// A region of an image: its first row and column, in pixels of a part.
struct Region {
  int image, row, column;
};

// A warp copies rows of pixels, some rows apart, BESIDE of them at a time, each by FOURS lanes.
constexpr int FOURS = SLAB / 4, BESIDE = 32 / FOURS;

// So many warps share a row of x and dx that none has to copy more often than it must, and those of one go on STEP rows further down.
constexpr int SPLIT = 2, STEP = FETCHERS / SPLIT;
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
// are in shared memory and in the tensors.
struct Copier {
  int gradRow, gradPixel, around, grad, row, pixel, own, input;
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

// Writes a region of dx.
template <class L>
__device__ __forceinline__ void put(const float* stage, float* input_grad, const Region& region, const Copier& copier) {
  const int top = region.row * STRIDE, left = region.column * STRIDE, columns = WHOLE ? ALL_COLUMNS : WIDTH - left - copier.pixel;
  float* const image =
      input_grad + region.image * (long long)(HEIGHT * WIDTH * CHANNELS) + ((top * WIDTH + left) * CHANNELS + copier.input);
#pragma unroll
  for (int y = 0; y < ALL_ROWS; y += STEP) {
    const bool there = WHOLE || top + copier.row + y < HEIGHT;
    const int count = there && (y + STEP <= ALL_ROWS || y + copier.row < ALL_ROWS) ? columns : 0;
#pragma unroll
    for (int x = 0; x < ALL_COLUMNS; x += SPLIT * BESIDE)
      if ((x + SPLIT * BESIDE <= ALL_COLUMNS || x + copier.pixel < ALL_COLUMNS) && x < count)
        *reinterpret_cast<float4*>(image + (y * WIDTH + x) * CHANNELS) =
            *reinterpret_cast<const float4*>(stage + copier.own + y / STRIDE * L::ROW + x / STRIDE * L::COLUMN);
  }
}

// By all threads of the block.
__device__ __forceinline__ void clear(float* stage) {
  for (int i = 4 * threadIdx.x; i < STAGE; i += 4 * THREADS) *reinterpret_cast<float4*>(stage + i) = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
}

// The blocks of a cluster say how far they are and wait for one another, all threads in turn: who has said so waits before it does so again.
// Nothing that they compute depends on it: they only ask memory for the same lines at about the same time. So what a block has written need
// not be there when it says so.
#ifndef O1D_EMULATED  // tests/emulated has its own
__device__ __forceinline__ void say_begun() { asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory"); }

__device__ __forceinline__ void await_neighbour() { asm volatile("barrier.cluster.wait.aligned;" ::: "memory"); }
#endif

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
    say_begun();
    await_neighbour();
    between(task, stage, other);
    stage = other;
  }
}

// 0 degrees: 5 pixels along a line from (0, 0); 5 loads and 5 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_0(float* stage, int seat, const float (&w)[TAPS]) {
  constexpr int TILES = 1, LINES = 5;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 112, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 1 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 0; task < 2; task += 2) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = across, x = along * 5;
    float* const own = stage + 0 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    float a4 = 0.0f;
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a0, v, w[0]);
    v = grad[0 * GRAD_ROW + 1 * GRAD_COLUMN];
    mad(a1, v, w[0]);
    v = grad[0 * GRAD_ROW + 2 * GRAD_COLUMN];
    mad(a2, v, w[0]);
    v = grad[0 * GRAD_ROW + 3 * GRAD_COLUMN];
    mad(a3, v, w[0]);
    v = grad[0 * GRAD_ROW + 4 * GRAD_COLUMN];
    mad(a4, v, w[0]);
    own[0 * ROW + 0 * COLUMN] = a0;
    own[0 * ROW + 1 * COLUMN] = a1;
    own[0 * ROW + 2 * COLUMN] = a2;
    own[0 * ROW + 3 * COLUMN] = a3;
    own[0 * ROW + 4 * COLUMN] = a4;
  }
}

// 45 degrees: 5 pixels along a line from (0, 0); 5 loads and 5 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_1(float* stage, int seat, const float (&w)[TAPS]) {
  constexpr int TILES = 1, LINES = 5;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 112, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 0 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 2; task < 2; task += 3) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = across, x = along * 5;
    float* const own = stage + 0 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    float a4 = 0.0f;
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a0, v, w[0]);
    v = grad[0 * GRAD_ROW + 1 * GRAD_COLUMN];
    mad(a1, v, w[0]);
    v = grad[0 * GRAD_ROW + 2 * GRAD_COLUMN];
    mad(a2, v, w[0]);
    v = grad[0 * GRAD_ROW + 3 * GRAD_COLUMN];
    mad(a3, v, w[0]);
    v = grad[0 * GRAD_ROW + 4 * GRAD_COLUMN];
    mad(a4, v, w[0]);
    own[0 * ROW + 0 * COLUMN] = a0;
    own[0 * ROW + 1 * COLUMN] = a1;
    own[0 * ROW + 2 * COLUMN] = a2;
    own[0 * ROW + 3 * COLUMN] = a3;
    own[0 * ROW + 4 * COLUMN] = a4;
  }
}

// 0 degrees: 5 pixels along a line from (0, 1); 6 loads and 10 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_2(float* stage, int seat, const float (&w)[TAPS]) {
  constexpr int TILES = 1, LINES = 5;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 112, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 1 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 5; task < 2; task += 3) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = across, x = along * 5;
    float* const own = stage + 1 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    float a4 = 0.0f;
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a0, v, w[1]);
    v = grad[0 * GRAD_ROW + 1 * GRAD_COLUMN];
    mad(a0, v, w[0]); mad(a1, v, w[1]);
    v = grad[0 * GRAD_ROW + 2 * GRAD_COLUMN];
    mad(a1, v, w[0]); mad(a2, v, w[1]);
    v = grad[0 * GRAD_ROW + 3 * GRAD_COLUMN];
    mad(a2, v, w[0]); mad(a3, v, w[1]);
    v = grad[0 * GRAD_ROW + 4 * GRAD_COLUMN];
    mad(a3, v, w[0]); mad(a4, v, w[1]);
    v = grad[0 * GRAD_ROW + 5 * GRAD_COLUMN];
    mad(a4, v, w[0]);
    own[0 * ROW + 0 * COLUMN] = a0;
    own[0 * ROW + 1 * COLUMN] = a1;
    own[0 * ROW + 2 * COLUMN] = a2;
    own[0 * ROW + 3 * COLUMN] = a3;
    own[0 * ROW + 4 * COLUMN] = a4;
  }
}

// 90 degrees: 5 pixels along a line from (0, 0); 5 loads and 5 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_3(float* stage, int seat, const float (&w)[TAPS]) {
  constexpr int TILES = 1, LINES = 5;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 80, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 0 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 0; task < 2; task += 3) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = across, x = along * 5;
    float* const own = stage + 0 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    float a4 = 0.0f;
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a0, v, w[0]);
    v = grad[0 * GRAD_ROW + 1 * GRAD_COLUMN];
    mad(a1, v, w[0]);
    v = grad[0 * GRAD_ROW + 2 * GRAD_COLUMN];
    mad(a2, v, w[0]);
    v = grad[0 * GRAD_ROW + 3 * GRAD_COLUMN];
    mad(a3, v, w[0]);
    v = grad[0 * GRAD_ROW + 4 * GRAD_COLUMN];
    mad(a4, v, w[0]);
    own[0 * ROW + 0 * COLUMN] = a0;
    own[0 * ROW + 1 * COLUMN] = a1;
    own[0 * ROW + 2 * COLUMN] = a2;
    own[0 * ROW + 3 * COLUMN] = a3;
    own[0 * ROW + 4 * COLUMN] = a4;
  }
}

// 90 degrees: 5 pixels along a line from (1, 0); 6 loads and 10 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_4(float* stage, int seat, const float (&w)[TAPS]) {
  constexpr int TILES = 1, LINES = 5;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 80, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 0 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 3; task < 2; task += 3) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = along * 5, x = across;
    float* const own = stage + 2 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    float a4 = 0.0f;
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a0, v, w[0]);
    v = grad[1 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a1, v, w[0]); mad(a0, v, w[1]);
    v = grad[2 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a2, v, w[0]); mad(a1, v, w[1]);
    v = grad[3 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a3, v, w[0]); mad(a2, v, w[1]);
    v = grad[4 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a4, v, w[0]); mad(a3, v, w[1]);
    v = grad[5 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a4, v, w[1]);
    own[0 * ROW + 0 * COLUMN] = a0;
    own[1 * ROW + 0 * COLUMN] = a1;
    own[2 * ROW + 0 * COLUMN] = a2;
    own[3 * ROW + 0 * COLUMN] = a3;
    own[4 * ROW + 0 * COLUMN] = a4;
  }
}

// 45 degrees: 5 pixels along a line from (0, 0); 5 loads and 5 pairs of pixel and weight a tile.
__device__ __forceinline__ void phase_5(float* stage, int seat, const float (&w)[TAPS]) {
  constexpr int TILES = 1, LINES = 5;
  constexpr int ROW = 80, COLUMN = 16, GRAD_ROW = 80, GRAD_COLUMN = 16;
  [[maybe_unused]] constexpr int BIAS = TAPS;  // of the phase's sums
  const int channel = 1 * LANES + threadIdx.x % LANES;
#pragma unroll 1
  for (int task = seat - 6; task < 2; task += 2) {
    const int tile = task * TEAMS + threadIdx.x % 32 / LANES;
    int along = tile % TILES, across = tile / TILES;
    opaque(along), opaque(across);
    if (across >= LINES) continue;
    const int y = across, x = along * 5;
    float* const own = stage + 0 * PART + channel + y * ROW + x * COLUMN;
    const float* const grad = stage + GRADS + channel + (y + 0) * GRAD_ROW + (x + 0) * GRAD_COLUMN;
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    float a4 = 0.0f;
    float v;
    v = grad[0 * GRAD_ROW + 0 * GRAD_COLUMN];
    mad(a0, v, w[0]);
    v = grad[0 * GRAD_ROW + 1 * GRAD_COLUMN];
    mad(a1, v, w[0]);
    v = grad[0 * GRAD_ROW + 2 * GRAD_COLUMN];
    mad(a2, v, w[0]);
    v = grad[0 * GRAD_ROW + 3 * GRAD_COLUMN];
    mad(a3, v, w[0]);
    v = grad[0 * GRAD_ROW + 4 * GRAD_COLUMN];
    mad(a4, v, w[0]);
    own[0 * ROW + 0 * COLUMN] = a0;
    own[0 * ROW + 1 * COLUMN] = a1;
    own[0 * ROW + 2 * COLUMN] = a2;
    own[0 * ROW + 3 * COLUMN] = a3;
    own[0 * ROW + 4 * COLUMN] = a4;
  }
}


}  // namespace

// A block has SLAB channels, of several directions, and goes through its share of the regions of its images: the dy around a region
// is laid in shared memory, and its dx put together there. So pieces of SLAB channels come from memory and go there, where those
// of one direction would be more than the second-level cache can look up. Lanes are channels of one direction, of TEAMS tiles each.
extern "C" __global__ void __cluster_dims__(2, 1, 1) __launch_bounds__(256, 1) dgrad_nhwc_f32_20x20_s2_k3_a45_0_90_135_c32__cuda_region_grad_t5_r5_q5_w8_f0_a0_i1_p1_g1_s1(
    const float* __restrict__ grad, const float* __restrict__ packed, float* __restrict__ input_grad, int batch) {
  extern __shared__ __align__(16) float shared[];
  const int slab = blockIdx.x % SLABS, piece = blockIdx.x / SLABS % PIECES, first = blockIdx.x / (SLABS * PIECES) * IMAGES;
  const int warp = __shfl_sync(~0u, int(threadIdx.x / 32), 0);  // the same in all lanes, as the compiler now knows
  const int seat = warp < WARPS ? warp % SCHEDULERS * (WARPS / SCHEDULERS) + warp / SCHEDULERS : warp;
  const int kind = kind_of(slab), phase = PHASE[kind][min(seat, WARPS - 1)];
  // Parts that no tap meets, and margins, stay zero.
  clear(shared);
  __syncthreads();
  const int tasks = min(IMAGES, batch - first) * REGIONS;
  const auto region_of = [&](int task) {
    return Region{first + task / REGIONS, task % REGIONS / RIGHT * ROWS, task % RIGHT * COLUMNS};
  };
  // To a stage comes the dy of one task, and its x, once the dx of the task before has left.
  const auto copy_tasks = [&](float* stage, const Copier& copier, int task, bool leaves) {
    const bool comes = task < tasks;
    const Region region = region_of(task), before = region_of(task - 2 * PIECES);
    switch (kind) {
      case 0:
        if (comes) fetch_grad<Layout0>(stage, grad, region, copier);
        if (leaves) put<Layout0>(stage, input_grad, before, copier);
        break;
      case 1:
        if (comes) fetch_grad<Layout1>(stage, grad, region, copier);
        if (leaves) put<Layout1>(stage, input_grad, before, copier);
        break;
    }
    async_commit();
  };
  const auto copier_of_fetcher = [&](int fetcher) {
    switch (kind) {
      case 0: return copier_of<Layout0>(fetcher, slab);
      case 1: return copier_of<Layout1>(fetcher, slab);
    }
    return Copier{};
  };
  const Copier copier = copier_of_fetcher(warp);
  copy_tasks(shared, copier, piece, false);
  clear(shared + STAGE);  // while they are on their way
  const int channel = slab * SLAB + SUB[phase] * LANES + threadIdx.x % LANES;
  float w[TAPS];
#pragma unroll
  for (int t = 0; t < TAPS; ++t) w[t] = SLOT[phase][t] < 0 ? 0.0f : __ldg(packed + SLOT[phase][t] * CHANNELS + channel);
  const auto compute = [&](float* stage) {
    switch (phase) {
      case 0: phase_0(stage, seat, w); break;
      case 1: phase_1(stage, seat, w); break;
      case 2: phase_2(stage, seat, w); break;
      case 3: phase_3(stage, seat, w); break;
      case 4: phase_4(stage, seat, w); break;
      case 5: phase_5(stage, seat, w); break;
    }
  };
  const int end = tasks + PIECES;  // the last dx leaves when there is no other task
  walk(shared, piece, end, [&](int task, float* stage, float* other) {
    copy_tasks(other, copier, task + PIECES, task > piece);
    if (task < tasks) compute(stage);
  });
}

extern "C" __global__ void dgrad_nhwc_f32_20x20_s2_k3_a45_0_90_135_c32__cuda_region_grad_t5_r5_q5_w8_f0_a0_i1_p1_g1_s1_pack(const float* weight, const float*, float centre, float* packed) {
  pack(weight, centre, packed);
}

}  // namespace dgrad_nhwc_f32_20x20_s2_k3_a45_0_90_135_c32__cuda_region_grad_t5_r5_q5_w8_f0_a0_i1_p1_g1_s1_code
